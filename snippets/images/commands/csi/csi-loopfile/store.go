package main

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

// store is a folder of image files: volumes, and copies of them.
type store struct{ folder string }

// image is one file of the store.
type image struct {
	id     string
	size   int64
	source string // of a snapshot: the volume that was copied
	made   time.Time
}

var (
	errNone  = errors.New("there is no such image")
	plain    = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,200}$`)
	volumes  = "volumes"
	copies   = "snapshots"
	ofSource = ".source" // beside a copy: the volume's name
	ofPlace  = ".staged" // beside a volume: where it is mounted on this node
)

func openStore(folder string) (*store, error) {
	for _, kind := range []string{volumes, copies} {
		if err := os.MkdirAll(filepath.Join(folder, kind), 0o750); err != nil {
			return nil, err
		}
	}
	return &store{folder}, nil
}

// idOf is the same for the same name, and safe as the name of a file.
func idOf(name string) string {
	if plain.MatchString(name) {
		return name
	}
	sum := sha256.Sum256([]byte(name))
	return hex.EncodeToString(sum[:16])
}

func (s *store) path(kind, id string) string { return filepath.Join(s.folder, kind, id+".img") }

// find returns errNone where there is no such image. An id may be anything: only plain ones are names of files.
func (s *store) find(kind, id string) (image, error) {
	if !plain.MatchString(id) {
		return image{}, errNone
	}
	info, err := os.Stat(s.path(kind, id))
	if errors.Is(err, fs.ErrNotExist) {
		return image{}, errNone
	}
	if err != nil {
		return image{}, err
	}
	source, err := os.ReadFile(s.path(kind, id) + ofSource)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return image{}, err
	}
	return image{id, info.Size(), string(source), info.ModTime()}, nil
}

// list returns all images of a kind, by name.
func (s *store) list(kind string) ([]image, error) {
	paths, err := filepath.Glob(s.path(kind, "*"))
	if err != nil {
		return nil, err
	}
	var found []image
	for _, path := range paths {
		one, err := s.find(kind, strings.TrimSuffix(filepath.Base(path), ".img"))
		if err != nil {
			return nil, err
		}
		found = append(found, one)
	}
	return found, nil
}

// make creates an empty volume. Its file has holes: it takes space as it is written.
func (s *store) make(id string, size int64) error {
	file, err := os.OpenFile(s.path(volumes, id), os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	return errors.Join(file.Truncate(size), file.Close())
}

// restore creates a volume with the content of a copy, and at least its size.
func (s *store) restore(id, snapshot string, size int64) error {
	if err := s.copy(s.path(copies, snapshot), s.path(volumes, id)); err != nil {
		return err
	}
	return s.grow(id, size)
}

// snapshot copies a volume as it is now.
func (s *store) snapshot(id, volume string) error {
	path := s.path(copies, id)
	if err := os.WriteFile(path+ofSource, []byte(volume), 0o600); err != nil {
		return err
	}
	return s.copy(s.path(volumes, volume), path)
}

// copy keeps holes, shares blocks where the file system can, and leaves no half of a copy under the final name.
func (s *store) copy(from, to string) error {
	half := to + ".half"
	if said, err := exec.Command("cp", "--sparse=always", "--reflink=auto", from, half).CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, said)
	}
	return os.Rename(half, to)
}

func (s *store) grow(id string, size int64) error {
	info, err := os.Stat(s.path(volumes, id))
	if err != nil || info.Size() >= size {
		return err
	}
	return os.Truncate(s.path(volumes, id), size)
}

// stage notes where a volume is mounted; nowhere, if that is "".
func (s *store) stage(id, at string) error {
	if !plain.MatchString(id) {
		return nil
	}
	note := s.path(volumes, id) + ofPlace
	if at != "" {
		return os.WriteFile(note, []byte(at), 0o600)
	}
	if err := os.Remove(note); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// stagedAt returns "" for a volume that is mounted nowhere.
func (s *store) stagedAt(id string) (string, error) {
	at, err := os.ReadFile(s.path(volumes, id) + ofPlace)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	return string(at), err
}

// remove is done when there is no such image, too.
func (s *store) remove(kind, id string) error {
	if !plain.MatchString(id) {
		return nil
	}
	for _, path := range []string{s.path(kind, id), s.path(kind, id) + ofSource, s.path(kind, id) + ofPlace} {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}
