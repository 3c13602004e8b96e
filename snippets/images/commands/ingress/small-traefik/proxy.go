package main

import (
	"context"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"strings"
	"time"
)

// record is what one line of the access log says; its fields have Traefik's names.
type record struct {
	router string
	server string
	status int
}

type recordKey struct{}

var accessLog = slog.New(slog.NewJSONHandler(os.Stdout, &slog.HandlerOptions{ReplaceAttr: onlyTraefiks}))

// proxyTo passes requests on to a server, with the name that the client asked for and what is known of the client.
// What clients themselves say about their way (X-Forwarded-…, X-Real-Ip) is not believed, and not passed on.
func proxyTo(address string) (http.Handler, error) {
	target, err := url.Parse(address)
	if err != nil {
		return nil, err
	}
	proxy := &httputil.ReverseProxy{
		Rewrite: func(request *httputil.ProxyRequest) {
			request.SetURL(target)
			request.Out.Host = request.In.Host
			maps.DeleteFunc(request.Out.Header, aboutTheWay)
			request.SetXForwarded()
			request.Out.Header.Set("X-Real-Ip", clientOf(request.In))
		},
		ErrorHandler: func(answer http.ResponseWriter, _ *http.Request, err error) {
			slog.Error("no answer from a server", "serverURL", address, "error", err)
			http.Error(answer, http.StatusText(http.StatusBadGateway), http.StatusBadGateway)
		},
	}
	return http.HandlerFunc(func(answer http.ResponseWriter, request *http.Request) {
		recordOf(request).server = address
		proxy.ServeHTTP(answer, request)
	}), nil
}

// aboutTheWay is true of headers by which proxies tell where a request came from; some servers take `_` for `-`.
func aboutTheWay(name string, _ []string) bool {
	name = strings.ToLower(strings.ReplaceAll(name, "_", "-"))
	return strings.HasPrefix(name, "x-forwarded-") || name == "forwarded" || name == "x-real-ip"
}

// logged writes a line about each request when it has been answered.
func logged(next http.Handler) http.Handler {
	return http.HandlerFunc(func(answer http.ResponseWriter, request *http.Request) {
		start := time.Now()
		line := &record{status: http.StatusOK}
		request = request.WithContext(context.WithValue(request.Context(), recordKey{}, line))
		next.ServeHTTP(&watched{answer, line}, request)
		accessLog.Info("", "ClientHost", clientOf(request), "RequestMethod", request.Method,
			"RequestHost", request.Host, "RequestPath", request.URL.Path, "DownstreamStatus", line.status,
			"RouterName", line.router, "ServiceURL", line.server, "Duration", time.Since(start))
	})
}

// noted tells the log which router took the request.
func noted(router string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(answer http.ResponseWriter, request *http.Request) {
		recordOf(request).router = router
		next.ServeHTTP(answer, request)
	})
}

// watched is an answer whose status is noted.
type watched struct {
	http.ResponseWriter
	line *record
}

func (w *watched) WriteHeader(status int) {
	w.line.status = status
	w.ResponseWriter.WriteHeader(status)
}

// Unwrap lets the proxy flush, and take over the connection.
func (w *watched) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func recordOf(request *http.Request) *record {
	return request.Context().Value(recordKey{}).(*record)
}

func clientOf(request *http.Request) string {
	host, _, err := net.SplitHostPort(request.RemoteAddr)
	if err != nil {
		return request.RemoteAddr
	}
	return host
}

// onlyTraefiks leaves out what slog adds and Traefik's log has not.
func onlyTraefiks(_ []string, attribute slog.Attr) slog.Attr {
	if attribute.Key == slog.LevelKey || attribute.Key == slog.MessageKey {
		return slog.Attr{}
	}
	return attribute
}
