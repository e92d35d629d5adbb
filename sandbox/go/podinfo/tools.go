//go:build tools

// Package podinfo pins the version of podinfo, and of everything it is built from, that the sandbox runs.
package podinfo

import (
	_ "github.com/stefanprodan/podinfo/cmd/podcli"
	_ "github.com/stefanprodan/podinfo/cmd/podinfo"
)
