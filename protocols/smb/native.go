package smb

import (
	"strings"

	"github.com/auscult/auscult/protocols"
)

// systems are what the native system of SMB 1 may begin with; "Unix" is Samba on
// anything. What a Java program writes is the name of its system.
var systems = [...]string{"Windows ", "Mac OS X", "Darwin", "Linux", "VxWorks", "QNX", "SunOS", "Solaris", "HP-UX", "AIX", "FreeBSD", "NetBSD", "OS/2"}

// programs are what the native LAN manager may begin with and tell of a program that is
// no part of Windows.
var programs = [...]string{"Samba", "jCIFS", "NetApp", "Isilon OneFS", "EMC", "SMBFS", "SpinCifs", "Visuality", "NQ", "YNQ", "Netreon", "Alfresco"}

// native states the two texts by which SMB 1 names system and program. A program that
// is no part of Windows imitates it: Samba calls its system "Windows 6.1".
func native(system, program []byte) []protocols.Fact {
	runs, os := begins(program, programs[:]), begins(system, systems[:])
	if runs != "" && strings.HasPrefix(os, systems[0]) {
		os = ""
	}
	return []protocols.Fact{
		fact(protocols.OSVersion, os, "SMB SESSION_SETUP NativeOS", versioned),
		fact(protocols.Application, runs, "SMB SESSION_SETUP NativeLanMan", versioned),
	}
}

// begins returns a text of letters, digits and what stands in versions, if it begins
// with one of those that are known.
func begins(text []byte, known []string) string {
	s := strings.TrimSpace(string(text))
	if len(s) > maxNative {
		return ""
	}
	for i := range len(s) {
		c := s[i]
		if (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'z') && !strings.ContainsRune(" .-+_/()", rune(c)) {
			return ""
		}
	}
	for _, k := range known {
		if len(s) >= len(k) && strings.EqualFold(s[:len(k)], k) {
			return s
		}
	}
	return ""
}
