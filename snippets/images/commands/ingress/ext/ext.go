// Package ext is where Traefik's makers extend a router's configuration. Their module of it is no longer served; this
// one adds nothing.
package ext

// HTTP would extend the configuration of HTTP.
type HTTP struct{}

// Router would extend that of one router.
type Router struct{}
