// small-traefik is a controller for Ingress and the Gateway API, put together from Traefik's packages: they watch the
// API, decide what is accepted, write status, match requests, keep certificates and choose among servers. Traefik's
// own program needs modules that are not served. Here, a few of its options, and HTTP only: no middlewares, no filters.
package main

import (
	"context"
	"crypto/tls"
	"flag"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"sync/atomic"
	"syscall"

	"github.com/rs/zerolog"
	"github.com/traefik/traefik/v3/pkg/config/dynamic"
	"github.com/traefik/traefik/v3/pkg/middlewares/requestdecorator"
	"github.com/traefik/traefik/v3/pkg/provider/kubernetes/gateway"
	"github.com/traefik/traefik/v3/pkg/provider/kubernetes/ingress"
	"github.com/traefik/traefik/v3/pkg/safe"
	traefiktls "github.com/traefik/traefik/v3/pkg/tls"
)

// provider watches something and says what follows for the configuration.
type provider interface {
	Init() error
	Provide(messages chan<- dynamic.Message, pool *safe.Pool) error
}

// entryPoint is a port that requests come in by; its handler is replaced when the configuration changes.
type entryPoint struct {
	address string
	tls     bool
	handler atomic.Pointer[http.Handler]
}

// ServeHTTP leaves the name of the host where Traefik's rules look for it.
func (e *entryPoint) ServeHTTP(answer http.ResponseWriter, request *http.Request) {
	requestdecorator.New(nil).ServeHTTP(answer, request, (*e.handler.Load()).ServeHTTP)
}

func main() {
	points, providers := options()
	zerolog.SetGlobalLevel(zerolog.ErrorLevel) // as Traefik does by default
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := serve(ctx, points, providers)
	stop()
	if err != nil {
		slog.Error("cannot go on", "error", err)
		os.Exit(1)
	}
}

// options reads the command line; options have Traefik's names.
func options() (map[string]*entryPoint, []provider) {
	points := map[string]*entryPoint{"web": {}, "websecure": {tls: true}}
	flag.StringVar(&points["web"].address, "entryPoints.web.address", ":8000", "where to listen for HTTP")
	flag.StringVar(&points["websecure"].address, "entryPoints.websecure.address", ":8443", "where to listen for HTTPS")
	objects := flag.Bool("providers.kubernetesIngress", false, "act on Ingress objects")
	strict := flag.Bool("providers.kubernetesIngress.strictPrefixMatching", false, "compare prefixes by path elements")
	gateways := flag.Bool("providers.kubernetesGateway", false, "act on objects of the Gateway API")
	published := flag.String("providers.kubernetesIngress.ingressEndpoint.publishedService", "",
		"namespace/name of the Service whose addresses are written to status")
	flag.Parse()
	var providers []provider
	if *objects {
		one := &ingress.Provider{StrictPrefixMatching: *strict}
		if *published != "" {
			one.IngressEndpoint = &ingress.EndpointIngress{PublishedService: *published}
		}
		providers = append(providers, one)
	}
	if *gateways {
		one := &gateway.Provider{EntryPoints: map[string]gateway.Entrypoint{}}
		one.SetDefaults()
		for name, point := range points {
			one.EntryPoints[name] = gateway.Entrypoint{Address: point.address, HasHTTPTLSConf: point.tls}
		}
		if namespace, name, found := strings.Cut(*published, "/"); found {
			one.StatusAddress = &gateway.StatusAddress{Service: gateway.ServiceRef{Namespace: namespace, Name: name}}
		}
		providers = append(providers, one)
	}
	return points, providers
}

func serve(ctx context.Context, points map[string]*entryPoint, providers []provider) error {
	pool := safe.NewPool(ctx)
	defer pool.Stop()
	certificates := traefiktls.NewManager(nil)
	messages := make(chan dynamic.Message)
	failed := make(chan error, len(points))
	nothing := http.NotFoundHandler()
	for _, point := range points {
		point.handler.Store(&nothing)
		listener, err := net.Listen("tcp", point.address)
		if err != nil {
			return err
		}
		if point.tls {
			listener = tls.NewListener(listener, configurationOf(certificates))
		}
		server := &http.Server{Handler: logged(point)}
		defer server.Close()
		go func() { failed <- server.Serve(listener) }()
	}
	for _, one := range providers {
		if err := one.Init(); err != nil {
			return err
		}
		if err := one.Provide(messages, pool); err != nil {
			return err
		}
	}
	known := map[string]*dynamic.Configuration{}
	for {
		select {
		case message := <-messages:
			known[message.ProviderName] = message.Configuration
			apply(ctx, known, points, certificates)
		case err := <-failed:
			return err
		case <-ctx.Done():
			return nil
		}
	}
}

// configurationOf asks for the certificates of the moment at each handshake.
func configurationOf(certificates *traefiktls.Manager) *tls.Config {
	return &tls.Config{
		NextProtos: []string{"http/1.1"},
		GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) {
			config, err := certificates.Get(traefiktls.DefaultTLSStoreName, traefiktls.DefaultTLSConfigName)
			if config != nil {
				config.NextProtos = []string{"http/1.1"}
			}
			return config, err
		},
	}
}

func apply(
	ctx context.Context,
	known map[string]*dynamic.Configuration,
	points map[string]*entryPoint,
	certificates *traefiktls.Manager,
) {
	var pairs []*traefiktls.CertAndStores
	for _, configuration := range known {
		if configuration.TLS != nil {
			pairs = append(pairs, configuration.TLS.Certificates...)
		}
	}
	defaults := map[string]traefiktls.Options{traefiktls.DefaultTLSConfigName: traefiktls.DefaultTLSOptions}
	certificates.UpdateConfigs(ctx, nil, defaults, pairs)
	for name, point := range points {
		table := tableOf(name, known)
		point.handler.Store(&table)
	}
}
