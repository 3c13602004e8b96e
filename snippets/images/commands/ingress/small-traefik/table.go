package main

import (
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"slices"

	"github.com/traefik/traefik/v3/pkg/config/dynamic"
	muxer "github.com/traefik/traefik/v3/pkg/muxer/http"
	"github.com/traefik/traefik/v3/pkg/provider/kubernetes/gateway"
	"github.com/traefik/traefik/v3/pkg/provider/kubernetes/ingress"
	"github.com/traefik/traefik/v3/pkg/server/service/loadbalancer/wrr"
)

// tableOf is what an entry point does with each request: the rules of all providers, the longest first. The same rules
// make the same table: the muxer does not say which of two equally long ones it puts first, so it gets them by name.
func tableOf(point string, known map[string]*dynamic.Configuration) http.Handler {
	parser, err := muxer.NewSyntaxParser()
	if err != nil {
		panic(err) // the syntax is built in
	}
	table := muxer.NewMuxer(parser, []string{ingress.ProviderName, gateway.ProviderName})
	for _, provider := range slices.Sorted(maps.Keys(known)) {
		configuration := known[provider]
		for _, name := range slices.Sorted(maps.Keys(configuration.HTTP.Routers)) {
			router := configuration.HTTP.Routers[name]
			if len(router.EntryPoints) > 0 && !slices.Contains(router.EntryPoints, point) {
				continue
			}
			handler, err := serviceOf(router, configuration.HTTP.Services)
			if err == nil {
				priority := router.Priority
				if priority == 0 {
					priority = muxer.GetRulePriority(router.Rule)
				}
				handler = noted(name+"@"+provider, handler)
				err = table.AddRoute(router.Rule, router.RuleSyntax, priority, provider, handler)
			}
			if err != nil {
				slog.Error("a router is left out", "routerName", name, "error", err)
			}
		}
	}
	return table
}

func serviceOf(router *dynamic.Router, services map[string]*dynamic.Service) (http.Handler, error) {
	if len(router.Middlewares) > 0 {
		return answering(http.StatusInternalServerError), nil // better than to leave out what it was to do
	}
	return handlerOf(router.Service, services)
}

// handlerOf answers with one of the servers of a service, or of those that it shares its requests among.
func handlerOf(name string, services map[string]*dynamic.Service) (http.Handler, error) {
	service := services[name]
	switch {
	case service == nil:
		return nil, fmt.Errorf("there is no service %s", name)
	case service.LoadBalancer != nil:
		balancer := wrr.New(service.LoadBalancer.Sticky, false)
		for _, server := range service.LoadBalancer.Servers {
			handler, err := proxyTo(server.URL)
			if err != nil {
				return nil, err
			}
			balancer.AddServer(server.URL, handler, server)
		}
		return balancer, nil
	case service.Weighted != nil:
		balancer := wrr.New(service.Weighted.Sticky, false)
		for _, share := range service.Weighted.Services {
			if share.Status != nil {
				balancer.Add(share.Name, answering(*share.Status), share.Weight, false)
				continue
			}
			handler, err := handlerOf(share.Name, services)
			if err != nil {
				return nil, err
			}
			balancer.Add(share.Name, handler, share.Weight, false)
		}
		return balancer, nil
	default:
		return nil, fmt.Errorf("the service %s is of a kind that this program does not know", name)
	}
}

func answering(status int) http.Handler {
	return http.HandlerFunc(func(answer http.ResponseWriter, _ *http.Request) {
		http.Error(answer, http.StatusText(status), status)
	})
}
