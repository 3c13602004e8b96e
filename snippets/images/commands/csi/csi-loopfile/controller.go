package main

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/container-storage-interface/spec/lib/go/csi"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/timestamppb"
)

const (
	block    = 4096      // a file system is made of these
	smallest = 300 << 20 // bytes: less than that mkfs.xfs refuses
)

func (d *driver) ControllerGetCapabilities(
	context.Context, *csi.ControllerGetCapabilitiesRequest,
) (*csi.ControllerGetCapabilitiesResponse, error) {
	answer := &csi.ControllerGetCapabilitiesResponse{}
	for _, kind := range []csi.ControllerServiceCapability_RPC_Type{
		csi.ControllerServiceCapability_RPC_CREATE_DELETE_VOLUME,
		csi.ControllerServiceCapability_RPC_CREATE_DELETE_SNAPSHOT,
		csi.ControllerServiceCapability_RPC_LIST_SNAPSHOTS,
	} {
		rpc := &csi.ControllerServiceCapability_RPC{Type: kind}
		answer.Capabilities = append(answer.Capabilities,
			&csi.ControllerServiceCapability{Type: &csi.ControllerServiceCapability_Rpc{Rpc: rpc}})
	}
	return answer, nil
}

// CreateVolume answers a repeated call as it did the first one: whoever asks may not have heard the answer.
func (d *driver) CreateVolume(_ context.Context, asked *csi.CreateVolumeRequest) (*csi.CreateVolumeResponse, error) {
	if asked.Name == "" {
		return nil, status.Error(codes.InvalidArgument, "a volume needs a name")
	}
	if err := usable(asked.VolumeCapabilities); err != nil {
		return nil, err
	}
	least, most, err := bounds(asked.CapacityRange)
	if err != nil {
		return nil, err
	}
	snapshot := asked.VolumeContentSource.GetSnapshot().GetSnapshotId()
	if asked.VolumeContentSource != nil && snapshot == "" {
		return nil, status.Error(codes.InvalidArgument, "a volume can be made from a snapshot, and from nothing else")
	}
	id := idOf(asked.Name)
	found, err := d.files.find(volumes, id)
	switch {
	case err == nil && (found.size < least || most > 0 && found.size > most):
		return nil, status.Errorf(codes.AlreadyExists, "%s exists and has %d bytes", id, found.size)
	case errors.Is(err, errNone):
		if found, err = d.create(id, least, most, snapshot); err != nil {
			return nil, err
		}
	case err != nil:
		return nil, internal(err)
	}
	return &csi.CreateVolumeResponse{Volume: &csi.Volume{
		VolumeId:           id,
		CapacityBytes:      found.size,
		ContentSource:      asked.VolumeContentSource,
		AccessibleTopology: []*csi.Topology{d.here()},
	}}, nil
}

func (d *driver) create(id string, size, most int64, snapshot string) (image, error) {
	if snapshot == "" {
		if err := d.files.make(id, size); err != nil {
			return image{}, internal(err)
		}
		return image{id: id, size: size}, nil
	}
	from, err := d.files.find(copies, snapshot)
	if errors.Is(err, errNone) {
		return image{}, status.Errorf(codes.NotFound, "there is no snapshot %s on %s", snapshot, d.node)
	}
	if size = max(size, from.size); most > 0 && size > most {
		return image{}, status.Errorf(codes.OutOfRange, "snapshot %s has %d bytes", snapshot, from.size)
	}
	if err == nil {
		err = d.files.restore(id, snapshot, size)
	}
	if err != nil {
		return image{}, internal(err)
	}
	return image{id: id, size: size}, nil
}

func (d *driver) DeleteVolume(_ context.Context, asked *csi.DeleteVolumeRequest) (*csi.DeleteVolumeResponse, error) {
	if asked.VolumeId == "" {
		return nil, status.Error(codes.InvalidArgument, "which volume?")
	}
	if err := d.files.remove(volumes, asked.VolumeId); err != nil {
		return nil, internal(err)
	}
	return &csi.DeleteVolumeResponse{}, nil
}

func (d *driver) ValidateVolumeCapabilities(
	_ context.Context, asked *csi.ValidateVolumeCapabilitiesRequest,
) (*csi.ValidateVolumeCapabilitiesResponse, error) {
	if len(asked.VolumeCapabilities) == 0 {
		return nil, status.Error(codes.InvalidArgument, "which capabilities?")
	}
	if _, err := d.volume(asked.VolumeId); err != nil {
		return nil, err
	}
	if err := usable(asked.VolumeCapabilities); err != nil {
		return &csi.ValidateVolumeCapabilitiesResponse{Message: status.Convert(err).Message()}, nil
	}
	return &csi.ValidateVolumeCapabilitiesResponse{
		Confirmed: &csi.ValidateVolumeCapabilitiesResponse_Confirmed{VolumeCapabilities: asked.VolumeCapabilities},
	}, nil
}

func (d *driver) CreateSnapshot(
	_ context.Context, asked *csi.CreateSnapshotRequest,
) (*csi.CreateSnapshotResponse, error) {
	if asked.Name == "" || asked.SourceVolumeId == "" {
		return nil, status.Error(codes.InvalidArgument, "a snapshot needs a name and a volume")
	}
	id := idOf(asked.Name)
	found, err := d.files.find(copies, id)
	if errors.Is(err, errNone) {
		found, err = d.snapshot(id, asked.SourceVolumeId)
	}
	if err != nil {
		return nil, internal(err)
	}
	if found.source != asked.SourceVolumeId {
		return nil, status.Errorf(codes.AlreadyExists, "%s is a snapshot of %s", id, found.source)
	}
	return &csi.CreateSnapshotResponse{Snapshot: shown(found)}, nil
}

// snapshot copies what is in the file after all that was written before has got there. Whoever wants more than that,
// a database in one piece, say, has to stop writing first.
func (d *driver) snapshot(id, volume string) (image, error) {
	if _, err := d.volume(volume); err != nil {
		return image{}, err
	}
	if at, err := d.files.stagedAt(volume); err != nil {
		return image{}, err
	} else if at != "" {
		if err := flush(at); err != nil {
			return image{}, err
		}
	}
	if err := d.files.snapshot(id, volume); err != nil {
		return image{}, err
	}
	return d.files.find(copies, id)
}

func (d *driver) DeleteSnapshot(
	_ context.Context, asked *csi.DeleteSnapshotRequest,
) (*csi.DeleteSnapshotResponse, error) {
	if asked.SnapshotId == "" {
		return nil, status.Error(codes.InvalidArgument, "which snapshot?")
	}
	if err := d.files.remove(copies, asked.SnapshotId); err != nil {
		return nil, internal(err)
	}
	return &csi.DeleteSnapshotResponse{}, nil
}

// ListSnapshots goes by the order of names; the token is the last name that was told.
func (d *driver) ListSnapshots(_ context.Context, asked *csi.ListSnapshotsRequest) (*csi.ListSnapshotsResponse, error) {
	all, err := d.files.list(copies)
	if err != nil {
		return nil, internal(err)
	}
	slices.SortFunc(all, func(a, b image) int { return strings.Compare(a.id, b.id) })
	answer := &csi.ListSnapshotsResponse{}
	for _, one := range all {
		switch {
		case asked.SnapshotId != "" && one.id != asked.SnapshotId,
			asked.SourceVolumeId != "" && one.source != asked.SourceVolumeId,
			one.id <= asked.StartingToken:
			continue
		}
		if asked.MaxEntries > 0 && len(answer.Entries) == int(asked.MaxEntries) {
			answer.NextToken = answer.Entries[len(answer.Entries)-1].Snapshot.SnapshotId
			break
		}
		answer.Entries = append(answer.Entries, &csi.ListSnapshotsResponse_Entry{Snapshot: shown(one)})
	}
	return answer, nil
}

func shown(one image) *csi.Snapshot {
	return &csi.Snapshot{
		SnapshotId: one.id, SourceVolumeId: one.source, SizeBytes: one.size,
		CreationTime: timestamppb.New(one.made), ReadyToUse: true,
	}
}

// here is where volumes of this driver can be used.
func (d *driver) here() *csi.Topology {
	return &csi.Topology{Segments: map[string]string{topology: d.node}}
}

// volume returns an error with the code that CSI wants where there is no such volume.
func (d *driver) volume(id string) (image, error) {
	if id == "" {
		return image{}, status.Error(codes.InvalidArgument, "which volume?")
	}
	found, err := d.files.find(volumes, id)
	if errors.Is(err, errNone) {
		return image{}, status.Errorf(codes.NotFound, "there is no volume %s on %s", id, d.node)
	}
	if err != nil {
		return image{}, internal(err)
	}
	return found, nil
}

// usable says what this driver cannot do: block devices, other file systems, several nodes at once.
func usable(capabilities []*csi.VolumeCapability) error {
	if len(capabilities) == 0 {
		return status.Error(codes.InvalidArgument, "how will the volume be used?")
	}
	for _, one := range capabilities {
		kind := one.GetMount()
		if kind == nil || kind.FsType != "" && kind.FsType != fileSystem {
			return status.Error(codes.InvalidArgument, "volumes are mounted as "+fileSystem+", and not used otherwise")
		}
		switch one.AccessMode.GetMode() {
		case csi.VolumeCapability_AccessMode_SINGLE_NODE_WRITER, csi.VolumeCapability_AccessMode_SINGLE_NODE_READER_ONLY:
		default:
			return status.Error(codes.InvalidArgument, "volumes are for one node at a time")
		}
	}
	return nil
}

// bounds returns the least size that will do, in whole blocks, and the most that may be, 0 for any.
func bounds(wanted *csi.CapacityRange) (least, most int64, err error) {
	least, most = wanted.GetRequiredBytes(), wanted.GetLimitBytes()
	least = max((least+block-1)/block*block, smallest)
	if most > 0 && least > most {
		return 0, 0, status.Errorf(codes.OutOfRange, "%d bytes are too few", most)
	}
	return least, most, nil
}

// internal leaves errors that have a code of CSI as they are.
func internal(err error) error {
	if _, known := status.FromError(err); known {
		return err
	}
	return status.Error(codes.Internal, err.Error())
}
