// Package image makes what is installed: the Debian package with its unit and
// account, and later the bootable appliance. It holds no code of the sensor; its
// tests install, upgrade and remove the package. README.md says how to rack it.
package image
