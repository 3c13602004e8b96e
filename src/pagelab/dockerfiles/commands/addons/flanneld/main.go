// flanneld as a cluster's DaemonSet runs it: leases and configuration from Kubernetes, traffic over VXLAN or host-gw.
// Flannel's own main imports a module that is no longer served; its packages, which do the work, do not.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"sync"
	"syscall"

	"github.com/flannel-io/flannel/pkg/backend"
	_ "github.com/flannel-io/flannel/pkg/backend/hostgw"
	_ "github.com/flannel-io/flannel/pkg/backend/vxlan"
	"github.com/flannel-io/flannel/pkg/ip"
	"github.com/flannel-io/flannel/pkg/ipmatch"
	"github.com/flannel-io/flannel/pkg/subnet/kube"
	"github.com/flannel-io/flannel/pkg/trafficmngr/iptables"
	log "k8s.io/klog/v2"
)

const (
	configFile = "/etc/kube-flannel/net-conf.json"
	subnetFile = "/run/flannel/subnet.env"
	resync     = 5 // seconds
)

func main() {
	log.InitFlags(nil)
	masquerade := flag.Bool("ip-masq", false, "hide Pods behind their node's address where they leave the cluster")
	managed := flag.Bool("kube-subnet-mgr", false, "take subnets from the Nodes of Kubernetes; there is no other way here")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := errors.New("--kube-subnet-mgr is needed")
	if *managed {
		err = run(ctx, *masquerade)
	}
	stop()
	if err != nil {
		log.Error(err)
		os.Exit(1)
	}
}

func run(ctx context.Context, masquerade bool) error {
	var running sync.WaitGroup
	subnets, err := kube.NewSubnetManager(ctx, "", "", "flannel.alpha.coreos.com", configFile, true)
	if err != nil {
		return fmt.Errorf("creating the subnet manager: %w", err)
	}
	config, err := subnets.GetNetworkConfig(ctx)
	if err != nil {
		return fmt.Errorf("reading %s: %w", configFile, err)
	}
	log.Infof("Found network config - Backend type: %s", config.BackendType)
	stack, err := ipmatch.GetIPFamily(config.EnableIPv4, config.EnableIPv6)
	if err != nil {
		return err
	}
	outside, err := ipmatch.LookupExtIface("", "", "", stack, ipmatch.PublicIPOpts{})
	if err != nil {
		return fmt.Errorf("looking for the node's interface: %w", err)
	}
	kind, err := backend.NewManager(ctx, subnets, outside).GetBackend(config.BackendType)
	if err != nil {
		return err
	}
	network, err := kind.RegisterNetwork(ctx, &running, config)
	if err != nil {
		return fmt.Errorf("registering the network: %w", err)
	}
	rules := &iptables.IPTablesManager{}
	if err := rules.Init(ctx); err != nil {
		return err
	}
	if masquerade {
		none, none6 := ip.IP4Net{}, ip.IP6Net{}
		err := rules.SetupAndEnsureMasqRules(
			ctx, config.Network, none, none, config.IPv6Network, none6, none6, network.Lease(), resync, false)
		if err != nil {
			return err
		}
	}
	rules.SetupAndEnsureForwardRules(ctx, config.Network, config.IPv6Network, resync)
	lease := network.Lease()
	if err := subnets.HandleSubnetFile(subnetFile, config, masquerade, lease.Subnet, lease.IPv6Subnet, network.MTU()); err != nil {
		return fmt.Errorf("writing %s: %w", subnetFile, err)
	}
	log.Infof("Wrote subnet file to %s", subnetFile)
	running.Go(func() { network.Run(ctx) })
	err = subnets.CompleteLease(ctx, lease, &running)
	running.Wait()
	return err
}
