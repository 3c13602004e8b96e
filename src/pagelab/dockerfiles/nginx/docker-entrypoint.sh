#!/bin/sh
# The official image prepares its configuration here; this one has nothing to prepare.
exec "$@"
