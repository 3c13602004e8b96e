// small-provisioner stands in for external-provisioner: it watches claims and volumes, and calls the CSI driver beside
// it to make and delete what they ask for. One runs on each node and looks after the claims that were sent there.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/container-storage-interface/spec/lib/go/csi"
	snapshots "github.com/kubernetes-csi/external-snapshotter/client/v8/clientset/versioned"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/sig-storage-lib-external-provisioner/v13/controller"
)

const (
	selected = "volume.kubernetes.io/selected-node" // where the scheduler writes on the claim which node it has chosen
	limit    = time.Minute                          // for a call of the driver
)

func main() {
	node := flag.String("node", "", "this node's name")
	socket := flag.String("socket", "/csi/csi.sock", "the driver's")
	flag.Parse()
	if err := run(*node, *socket); err != nil {
		fmt.Fprintln(os.Stderr, "small-provisioner:", err)
		os.Exit(1)
	}
}

func run(node, socket string) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	connection, err := grpc.NewClient("unix://"+socket, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return err
	}
	defer connection.Close()
	info, err := csi.NewIdentityClient(connection).GetPluginInfo(ctx, &csi.GetPluginInfoRequest{}, grpc.WaitForReady(true))
	if err != nil {
		return err
	}
	config, err := rest.InClusterConfig()
	if err != nil {
		return err
	}
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	copies, err := snapshots.NewForConfig(config)
	if err != nil {
		return err
	}
	p := &provisioner{node, info.Name, csi.NewControllerClient(connection), copies}
	controller.NewProvisionController(
		ctx, client, info.Name, p, controller.LeaderElection(false), controller.RetryIntervalMax(5*time.Second),
	).Run(ctx)
	return nil
}

type provisioner struct {
	node      string
	driver    string
	calls     csi.ControllerClient
	snapshots snapshots.Interface
}

// ShouldProvision leaves claims that were sent to another node to the provisioner there.
func (p *provisioner) ShouldProvision(_ context.Context, claim *v1.PersistentVolumeClaim) bool {
	return claim.Annotations[selected] == p.node
}

func (p *provisioner) Provision(
	ctx context.Context, asked controller.ProvisionOptions,
) (*v1.PersistentVolume, controller.ProvisioningState, error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	source, err := p.source(ctx, asked.PVC)
	if err != nil {
		return nil, controller.ProvisioningFinished, err
	}
	wanted := asked.PVC.Spec.Resources.Requests[v1.ResourceStorage]
	mode := csi.VolumeCapability_AccessMode_SINGLE_NODE_WRITER
	answer, err := p.calls.CreateVolume(ctx, &csi.CreateVolumeRequest{
		Name:          asked.PVName,
		CapacityRange: &csi.CapacityRange{RequiredBytes: wanted.Value()},
		VolumeCapabilities: []*csi.VolumeCapability{{
			AccessMode: &csi.VolumeCapability_AccessMode{Mode: mode},
			AccessType: &csi.VolumeCapability_Mount{Mount: &csi.VolumeCapability_MountVolume{}},
		}},
		Parameters:          asked.StorageClass.Parameters,
		VolumeContentSource: source,
	})
	if err != nil {
		return nil, controller.ProvisioningFinished, err
	}
	made := answer.Volume
	size := resource.NewQuantity(made.CapacityBytes, resource.BinarySI)
	return &v1.PersistentVolume{
		ObjectMeta: metav1.ObjectMeta{Name: asked.PVName},
		Spec: v1.PersistentVolumeSpec{
			Capacity:                      v1.ResourceList{v1.ResourceStorage: *size},
			AccessModes:                   asked.PVC.Spec.AccessModes,
			PersistentVolumeReclaimPolicy: *asked.StorageClass.ReclaimPolicy,
			StorageClassName:              asked.StorageClass.Name,
			NodeAffinity:                  reachable(made.AccessibleTopology),
			PersistentVolumeSource: v1.PersistentVolumeSource{
				CSI: &v1.CSIPersistentVolumeSource{Driver: p.driver, VolumeHandle: made.VolumeId},
			},
		},
	}, controller.ProvisioningFinished, nil
}

// source is the snapshot that the claim names, as the driver calls it; nil if it names none.
func (p *provisioner) source(ctx context.Context, claim *v1.PersistentVolumeClaim) (*csi.VolumeContentSource, error) {
	from := claim.Spec.DataSource
	if from == nil {
		return nil, nil
	}
	if from.Kind != "VolumeSnapshot" {
		return nil, fmt.Errorf("a claim can name a VolumeSnapshot as its source, and no %s", from.Kind)
	}
	named, err := p.snapshots.SnapshotV1().VolumeSnapshots(claim.Namespace).Get(ctx, from.Name, metav1.GetOptions{})
	if err != nil {
		return nil, err
	}
	if named.Status == nil || named.Status.BoundVolumeSnapshotContentName == nil {
		return nil, errors.New("the snapshot is not ready")
	}
	content, err := p.snapshots.SnapshotV1().VolumeSnapshotContents().Get(
		ctx, *named.Status.BoundVolumeSnapshotContentName, metav1.GetOptions{})
	if err != nil {
		return nil, err
	}
	if content.Status == nil || content.Status.SnapshotHandle == nil {
		return nil, errors.New("the snapshot is not ready")
	}
	snapshot := &csi.VolumeContentSource_SnapshotSource{SnapshotId: *content.Status.SnapshotHandle}
	return &csi.VolumeContentSource{Type: &csi.VolumeContentSource_Snapshot{Snapshot: snapshot}}, nil
}

// Delete leaves volumes of another node to the provisioner there.
func (p *provisioner) Delete(ctx context.Context, volume *v1.PersistentVolume) error {
	if !mentions(volume.Spec.NodeAffinity, p.node) {
		return &controller.IgnoredError{Reason: "it is on another node"}
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	_, err := p.calls.DeleteVolume(ctx, &csi.DeleteVolumeRequest{VolumeId: volume.Spec.CSI.VolumeHandle})
	return err
}

// reachable says the same as the driver's topologies in the scheduler's words.
func reachable(from []*csi.Topology) *v1.VolumeNodeAffinity {
	selector := &v1.NodeSelector{}
	for _, one := range from {
		term := v1.NodeSelectorTerm{}
		for key, value := range one.Segments {
			term.MatchExpressions = append(term.MatchExpressions,
				v1.NodeSelectorRequirement{Key: key, Operator: v1.NodeSelectorOpIn, Values: []string{value}})
		}
		selector.NodeSelectorTerms = append(selector.NodeSelectorTerms, term)
	}
	return &v1.VolumeNodeAffinity{Required: selector}
}

func mentions(affinity *v1.VolumeNodeAffinity, node string) bool {
	if affinity == nil || affinity.Required == nil {
		return false
	}
	for _, term := range affinity.Required.NodeSelectorTerms {
		for _, one := range term.MatchExpressions {
			if len(one.Values) == 1 && one.Values[0] == node {
				return true
			}
		}
	}
	return false
}
