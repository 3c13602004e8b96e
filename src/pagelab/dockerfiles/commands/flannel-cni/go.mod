// flannel's CNI plug-in, as it was in CNI's own repository before it moved to github.com/flannel-io/cni-plugin, whose
// module is not to be had everywhere; with a newer library, so that it understands CNI 1.0, as flannel's manifest asks for.
// `go mod tidy` needs -e here: the plug-in's half for Windows names a package that this library no longer has.
module pagelab.dev/node/flannel-cni

go 1.26.4

tool github.com/containernetworking/plugins/plugins/meta/flannel

require (
	github.com/Microsoft/go-winio v0.4.11 // indirect
	github.com/Microsoft/hcsshim v0.8.6 // indirect
	github.com/buger/jsonparser v0.0.0-20180808090653-f4dd9f5a6b44 // indirect
	github.com/containernetworking/cni v1.3.0 // indirect
	github.com/containernetworking/plugins v0.9.1 // indirect
	github.com/sirupsen/logrus v1.0.6 // indirect
	github.com/vishvananda/netns v0.0.4 // indirect
	golang.org/x/crypto v0.0.0-20200622213623-75b288015ac9 // indirect
	golang.org/x/sys v0.23.0 // indirect
)
