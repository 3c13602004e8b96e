// csi-loopfile is a CSI driver whose volumes are image files on a node: a file system in a file behind a loop device.
// It is small enough to be read and complete enough for Kubernetes: volumes have a size, grow, and can be copied at a
// moment. Every call that it gets is one line of JSON on its standard output. Not for data that anybody needs.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/container-storage-interface/spec/lib/go/csi"
	"github.com/kubernetes-csi/csi-lib-utils/protosanitizer"
	"google.golang.org/grpc"
	"google.golang.org/grpc/status"
	registration "k8s.io/kubelet/pkg/apis/pluginregistration/v1"
)

const (
	name     = "loopfile.csi.example.com"
	version  = "v1"
	topology = "topology." + name + "/node" // a volume can be used on the node that has its file, and nowhere else
)

func main() {
	node := flag.String("node", "", "this node's name")
	data := flag.String("data", "/data", "folder for the image files")
	socket := flag.String("socket", "/csi/csi.sock", "where the calls of CSI are answered")
	known := flag.String("kubelet-socket", "", "the same place as kubelet sees it")
	register := flag.String("register", "", "socket in kubelet's registry of plugins; none: kubelet is not told")
	flag.Parse()
	if err := run(*node, *data, *socket, *known, *register); err != nil {
		fmt.Fprintln(os.Stderr, "csi-loopfile:", err)
		os.Exit(1)
	}
}

func run(node, data, socket, known, register string) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	files, err := openStore(data)
	if err != nil {
		return err
	}
	d := &driver{node: node, files: files}
	ended := make(chan error, 2)
	err = serve(ctx, socket, ended, func(server *grpc.Server) {
		csi.RegisterIdentityServer(server, d)
		csi.RegisterControllerServer(server, d)
		csi.RegisterNodeServer(server, d)
	})
	if err == nil && register != "" {
		err = serve(ctx, register, ended, func(server *grpc.Server) {
			registration.RegisterRegistrationServer(server, &registrar{endpoint: known})
		})
	}
	if err != nil {
		return err
	}
	select {
	case <-ctx.Done():
		return nil
	case err := <-ended:
		return err
	}
}

// serve answers calls on a Unix socket until the context ends, and says in `ended` if it cannot any more.
func serve(ctx context.Context, socket string, ended chan<- error, services func(*grpc.Server)) error {
	if err := os.MkdirAll(filepath.Dir(socket), 0o750); err != nil {
		return err
	}
	if err := os.Remove(socket); err != nil && !os.IsNotExist(err) { // of an earlier life
		return err
	}
	listener, err := net.Listen("unix", socket)
	if err != nil {
		return err
	}
	server := grpc.NewServer(grpc.UnaryInterceptor(logged), grpc.Creds(callers{}))
	services(server)
	go func() { ended <- server.Serve(listener) }()
	context.AfterFunc(ctx, server.GracefulStop)
	return nil
}

// logged answers a call and prints it: whose, which, with what, how it ended. Fields that CSI marks as secret are left out.
func logged(ctx context.Context, request any, info *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
	start := time.Now()
	answer, err := next(ctx, request)
	line := struct {
		Time    string          `json:"time"`
		From    string          `json:"from"`
		Call    string          `json:"call"`
		Code    string          `json:"code"`
		Error   string          `json:"error,omitempty"`
		Ms      int64           `json:"ms"`
		Request json.RawMessage `json:"request,omitempty"`
	}{
		Time: start.UTC().Format(time.RFC3339),
		From: callerOf(ctx),
		Call: info.FullMethod[strings.LastIndex(info.FullMethod, "/")+1:],
		Code: status.Code(err).String(),
		Ms:   time.Since(start).Milliseconds(),
	}
	if err != nil {
		line.Error = status.Convert(err).Message()
	}
	if shown := []byte(protosanitizer.StripSecrets(request).String()); json.Valid(shown) {
		line.Request = shown
	}
	if text, err := json.Marshal(line); err == nil {
		fmt.Println(string(text))
	}
	return answer, err
}

// registrar is what kubelet asks when it finds the socket in its registry of plugins.
type registrar struct {
	registration.UnimplementedRegistrationServer
	endpoint string
}

func (r *registrar) GetInfo(context.Context, *registration.InfoRequest) (*registration.PluginInfo, error) {
	return &registration.PluginInfo{
		Type: registration.CSIPlugin, Name: name, Endpoint: r.endpoint, SupportedVersions: []string{"1.0.0"},
	}, nil
}

func (r *registrar) NotifyRegistrationStatus(
	_ context.Context, told *registration.RegistrationStatus,
) (*registration.RegistrationStatusResponse, error) {
	if !told.PluginRegistered {
		fmt.Fprintln(os.Stderr, "csi-loopfile: kubelet refuses:", told.Error)
	}
	return &registration.RegistrationStatusResponse{}, nil
}
