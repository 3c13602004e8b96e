package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/peer"
)

// callers encrypts nothing. It notes which program is at the other end of the Unix socket: the kernel knows.
type callers struct{}

// program is the name of the one that calls.
type program string

func (program) AuthType() string { return "unix" }

func (callers) ServerHandshake(from net.Conn) (net.Conn, credentials.AuthInfo, error) {
	socket, is := from.(*net.UnixConn)
	if !is {
		return nil, nil, errors.New("only Unix sockets are answered")
	}
	name, err := atOtherEnd(socket)
	return from, program(name), err
}

func (callers) ClientHandshake(
	context.Context, string, net.Conn,
) (net.Conn, credentials.AuthInfo, error) {
	return nil, nil, errors.New("nobody is called from here")
}

func (callers) Info() credentials.ProtocolInfo {
	return credentials.ProtocolInfo{SecurityProtocol: "unix"}
}

func (callers) Clone() credentials.TransportCredentials { return callers{} }

func (callers) OverrideServerName(string) error { return nil }

// atOtherEnd needs to see the processes of the node; one that it does not see has no number.
func atOtherEnd(socket *net.UnixConn) (string, error) {
	raw, err := socket.SyscallConn()
	if err != nil {
		return "", err
	}
	var who *unix.Ucred
	var asked error
	if err := raw.Control(func(fd uintptr) {
		who, asked = unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED)
	}); err != nil {
		return "", err
	}
	if asked != nil {
		return "", asked
	}
	line, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", who.Pid))
	if err != nil {
		return "unknown", nil
	}
	first, _, _ := strings.Cut(string(line), "\x00")
	return filepath.Base(first), nil
}

// callerOf is the program that the call came from.
func callerOf(ctx context.Context) string {
	if from, is := peer.FromContext(ctx); is {
		if name, is := from.AuthInfo.(program); is {
			return string(name)
		}
	}
	return ""
}
