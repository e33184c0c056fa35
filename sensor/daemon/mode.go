package daemon

import (
	"github.com/auscult/auscult/configs"
	"github.com/auscult/auscult/remediation"
	"github.com/auscult/auscult/remediation/policy"
)

// modes hands the operator's rules to policy.
func modes(m configs.Mode) policy.ModeFor {
	rules := make([]policy.ModeRule, len(m.Rules))
	for i, r := range m.Rules {
		rules[i] = policy.ModeRule{Kind: remediation.FindingKind(r.Class), Department: r.Department, Mode: remediation.Mode(r.Mode)}
	}
	return policy.Modes(remediation.Mode(m.Default), rules...)
}
