package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"

	"golang.org/x/sys/unix"
)

const (
	loopMajor  = 7     // of loop devices: block device numbers 7:0, 7:1, …
	fileSystem = "xfs" // ext4 would do, but grows in use only with a capability that a node in a container may lack
)

// mountImage mounts the file system in the file, making one in an empty file first. A restored volume has the UUID of
// the one that was copied, and is welcome all the same.
func mountImage(file, at string) error {
	if err := exec.Command("blkid", "-p", file).Run(); err != nil { // nothing in it that is known
		if err := told("mkfs.xfs", "-q", file); err != nil {
			return err
		}
	}
	device, err := attach(file)
	if err != nil {
		return fmt.Errorf("attaching %s to a loop device: %w", file, err)
	}
	defer device.Close() // the mount holds it from then on; with its end the device is free again
	if err := unix.Mount(device.Name(), at, fileSystem, 0, "nouuid"); err != nil {
		return err
	}
	return growMounted(at) // a restored volume may be larger than the file system that was copied
}

// attach connects the file to the first free loop device.
func attach(file string) (*os.File, error) {
	image, err := os.OpenFile(file, os.O_RDWR, 0)
	if err != nil {
		return nil, err
	}
	defer image.Close()
	control, err := openDevice("/dev/loop-control", unix.S_IFCHR, unix.Mkdev(10, 237))
	if err != nil {
		return nil, err
	}
	defer control.Close()
	for range 20 { // another program may take the free one first
		number, err := unix.IoctlRetInt(int(control.Fd()), unix.LOOP_CTL_GET_FREE)
		if err != nil {
			return nil, err
		}
		device, err := openDevice(fmt.Sprintf("/dev/loop%d", number), unix.S_IFBLK, unix.Mkdev(loopMajor, uint32(number)))
		if err != nil {
			return nil, err
		}
		config := unix.LoopConfig{Fd: uint32(image.Fd()), Info: unix.LoopInfo64{Flags: unix.LO_FLAGS_AUTOCLEAR}}
		if err = unix.IoctlLoopConfigure(int(device.Fd()), &config); err == nil {
			return device, nil
		}
		device.Close()
		if !errors.Is(err, unix.EBUSY) {
			return nil, err
		}
	}
	return nil, unix.EBUSY
}

// openDevice makes the device's name where a container has none.
func openDevice(path string, kind uint32, number uint64) (*os.File, error) {
	if err := unix.Mknod(path, kind|0o600, int(number)); err != nil && !errors.Is(err, unix.EEXIST) {
		return nil, err
	}
	return os.OpenFile(path, os.O_RDWR, 0)
}

// growMounted lets the loop device and the file system on it see that their file has grown.
func growMounted(at string) error {
	var found unix.Stat_t
	if err := unix.Stat(at, &found); err != nil {
		return err
	}
	number := uint64(found.Dev)
	if unix.Major(number) != loopMajor {
		return fmt.Errorf("%s is on no loop device", at)
	}
	device, err := openDevice(fmt.Sprintf("/dev/loop%d", unix.Minor(number)), unix.S_IFBLK, number)
	if err != nil {
		return err
	}
	defer device.Close()
	if _, err := unix.IoctlRetInt(int(device.Fd()), unix.LOOP_SET_CAPACITY); err != nil {
		return err
	}
	return told("xfs_growfs", at)
}

// bind shows what is mounted in one place in another, too.
func bind(from, to string, readonly bool) error {
	if err := unix.Mount(from, to, "", unix.MS_BIND, ""); err != nil {
		return err
	}
	if !readonly {
		return nil
	}
	return unix.Mount("", to, "", unix.MS_REMOUNT|unix.MS_BIND|unix.MS_RDONLY, "")
}

// mounted says whether another file system begins at the path; no when there is no such path.
func mounted(path string) (bool, error) {
	var here, above unix.Stat_t
	if err := unix.Stat(path, &here); errors.Is(err, fs.ErrNotExist) {
		return false, nil
	} else if err != nil {
		return false, err
	}
	if err := unix.Stat(filepath.Dir(path), &above); err != nil {
		return false, err
	}
	return here.Dev != above.Dev, nil
}

// unmount is done when nothing is mounted there, too.
func unmount(path string) error {
	if is, err := mounted(path); err != nil || !is {
		return err
	}
	return unix.Unmount(path, 0)
}

// flush waits until what was written below the path is in its image file.
func flush(path string) error {
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	defer folder.Close()
	return unix.Syncfs(int(folder.Fd()))
}

// told runs a program, and has what it said in the error if it fails.
func told(command string, arguments ...string) error {
	if said, err := exec.Command(command, arguments...).CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %s", command, err, said)
	}
	return nil
}
