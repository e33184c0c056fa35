package daemon

import "os"

// warnOpenSecrets tells of configured secret files that other accounts can read.
func (d *daemon) warnOpenSecrets() {
	c := d.config
	for _, path := range []string{c.Metrics.TokenFile, c.CMMS.PasswordFile, c.CMMS.SecretFile, c.Web.KeyFile} {
		if path == "" {
			continue
		}
		if info, err := os.Stat(path); err == nil && info.Mode().Perm()&0o007 != 0 {
			d.log.Warn("a secret can be read by everybody; chmod 0640 it and give it to the service's group", "file", path)
		}
	}
}
