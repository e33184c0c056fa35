// Package demo is a sample hospital on this machine.
package demo

import (
	"context"
	"io"
	"time"
)

type Options struct {
	Listen    string
	For       time.Duration
	FilesOnly bool
	Out, Log  io.Writer
	Version   string
}

func Run(context.Context, Options) error { return nil }
