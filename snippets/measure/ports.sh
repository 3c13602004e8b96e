# In a network namespace of its own: one bridge, and virtual cables plugged into it until it refuses.
ip link add crowd type bridge
for port in $(seq 1030); do
    echo "link add port$port type veth peer name far$port"
    echo "link set port$port master crowd"
done > cables
ip -batch cables
ip -oneline link show master crowd | wc -l
