//go:build tools

// Package contour pins the version of Contour, and of everything it is built from, that the sandbox runs.
package contour

import _ "github.com/projectcontour/contour/cmd/contour"
