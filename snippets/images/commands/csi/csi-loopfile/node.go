package main

import (
	"context"
	"errors"
	"io/fs"
	"os"

	"github.com/container-storage-interface/spec/lib/go/csi"
	"golang.org/x/sys/unix"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

func (d *driver) NodeGetInfo(context.Context, *csi.NodeGetInfoRequest) (*csi.NodeGetInfoResponse, error) {
	return &csi.NodeGetInfoResponse{NodeId: d.node, AccessibleTopology: d.here()}, nil
}

func (d *driver) NodeGetCapabilities(
	context.Context, *csi.NodeGetCapabilitiesRequest,
) (*csi.NodeGetCapabilitiesResponse, error) {
	answer := &csi.NodeGetCapabilitiesResponse{}
	for _, kind := range []csi.NodeServiceCapability_RPC_Type{
		csi.NodeServiceCapability_RPC_STAGE_UNSTAGE_VOLUME,
		csi.NodeServiceCapability_RPC_EXPAND_VOLUME,
		csi.NodeServiceCapability_RPC_GET_VOLUME_STATS,
	} {
		rpc := &csi.NodeServiceCapability_RPC{Type: kind}
		answer.Capabilities = append(answer.Capabilities,
			&csi.NodeServiceCapability{Type: &csi.NodeServiceCapability_Rpc{Rpc: rpc}})
	}
	return answer, nil
}

// NodeStageVolume mounts the volume once on the node, for all Pods there.
func (d *driver) NodeStageVolume(
	_ context.Context, asked *csi.NodeStageVolumeRequest,
) (*csi.NodeStageVolumeResponse, error) {
	if asked.StagingTargetPath == "" || asked.VolumeCapability == nil {
		return nil, status.Error(codes.InvalidArgument, "where, and how?")
	}
	if err := usable([]*csi.VolumeCapability{asked.VolumeCapability}); err != nil {
		return nil, err
	}
	volume, err := d.volume(asked.VolumeId)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(asked.StagingTargetPath, 0o750); err != nil {
		return nil, internal(err)
	}
	is, err := mounted(asked.StagingTargetPath)
	if err == nil && !is {
		err = mountImage(d.files.path(volumes, volume.id), asked.StagingTargetPath)
	}
	if err == nil {
		err = d.files.stage(volume.id, asked.StagingTargetPath)
	}
	if err != nil {
		return nil, internal(err)
	}
	return &csi.NodeStageVolumeResponse{}, nil
}

func (d *driver) NodeUnstageVolume(
	_ context.Context, asked *csi.NodeUnstageVolumeRequest,
) (*csi.NodeUnstageVolumeResponse, error) {
	if asked.VolumeId == "" || asked.StagingTargetPath == "" {
		return nil, status.Error(codes.InvalidArgument, "which volume, and where?")
	}
	err := unmount(asked.StagingTargetPath)
	if err == nil {
		err = d.files.stage(asked.VolumeId, "")
	}
	if err != nil {
		return nil, internal(err)
	}
	return &csi.NodeUnstageVolumeResponse{}, nil
}

// NodePublishVolume shows what is staged in one Pod's folder.
func (d *driver) NodePublishVolume(
	_ context.Context, asked *csi.NodePublishVolumeRequest,
) (*csi.NodePublishVolumeResponse, error) {
	if asked.TargetPath == "" || asked.VolumeCapability == nil {
		return nil, status.Error(codes.InvalidArgument, "where, and how?")
	}
	if _, err := d.volume(asked.VolumeId); err != nil {
		return nil, err
	}
	if is, err := mounted(asked.StagingTargetPath); err != nil || !is {
		return nil, status.Error(codes.FailedPrecondition, "the volume is not staged")
	}
	if err := os.MkdirAll(asked.TargetPath, 0o750); err != nil {
		return nil, internal(err)
	}
	is, err := mounted(asked.TargetPath)
	if err == nil && !is {
		err = bind(asked.StagingTargetPath, asked.TargetPath, asked.Readonly)
	}
	if err != nil {
		return nil, internal(err)
	}
	return &csi.NodePublishVolumeResponse{}, nil
}

func (d *driver) NodeUnpublishVolume(
	_ context.Context, asked *csi.NodeUnpublishVolumeRequest,
) (*csi.NodeUnpublishVolumeResponse, error) {
	if asked.VolumeId == "" || asked.TargetPath == "" {
		return nil, status.Error(codes.InvalidArgument, "which volume, and where?")
	}
	if err := unmount(asked.TargetPath); err != nil {
		return nil, internal(err)
	}
	if err := os.Remove(asked.TargetPath); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, internal(err)
	}
	return &csi.NodeUnpublishVolumeResponse{}, nil
}

// NodeExpandVolume lets file, loop device and file system grow, all while the volume is in use.
func (d *driver) NodeExpandVolume(
	_ context.Context, asked *csi.NodeExpandVolumeRequest,
) (*csi.NodeExpandVolumeResponse, error) {
	volume, err := d.volume(asked.VolumeId)
	if err != nil {
		return nil, err
	}
	if asked.VolumePath == "" {
		return nil, status.Error(codes.InvalidArgument, "where?")
	}
	if is, err := mounted(asked.VolumePath); err != nil || !is {
		return nil, status.Errorf(codes.NotFound, "%s is not mounted at %s", volume.id, asked.VolumePath)
	}
	size, _, err := bounds(asked.CapacityRange)
	if err == nil {
		err = d.files.grow(volume.id, size)
	}
	if err == nil {
		err = growMounted(asked.VolumePath)
	}
	if err != nil {
		return nil, internal(err)
	}
	return &csi.NodeExpandVolumeResponse{CapacityBytes: max(size, volume.size)}, nil
}

func (d *driver) NodeGetVolumeStats(
	_ context.Context, asked *csi.NodeGetVolumeStatsRequest,
) (*csi.NodeGetVolumeStatsResponse, error) {
	if asked.VolumePath == "" {
		return nil, status.Error(codes.InvalidArgument, "where?")
	}
	if _, err := d.volume(asked.VolumeId); err != nil {
		return nil, err
	}
	if is, err := mounted(asked.VolumePath); err != nil || !is {
		return nil, status.Errorf(codes.NotFound, "nothing is mounted at %s", asked.VolumePath)
	}
	var found unix.Statfs_t
	if err := unix.Statfs(asked.VolumePath, &found); err != nil {
		return nil, internal(err)
	}
	size := found.Bsize
	return &csi.NodeGetVolumeStatsResponse{Usage: []*csi.VolumeUsage{
		{
			Unit: csi.VolumeUsage_BYTES, Total: int64(found.Blocks) * size, Available: int64(found.Bavail) * size,
			Used: int64(found.Blocks-found.Bfree) * size,
		},
		{
			Unit: csi.VolumeUsage_INODES, Total: int64(found.Files), Available: int64(found.Ffree),
			Used: int64(found.Files - found.Ffree),
		},
	}}, nil
}
