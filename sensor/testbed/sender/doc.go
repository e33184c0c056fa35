// Package sender turns messages into the frames of a capture, as a mirror port shows
// them: over TCP from the handshake or joined later, in segments of any size, in one
// direction, and wrapped as switches wrap what they mirror. It is for tests only:
// nothing that ships may import it. It opens no socket and needs no rights; where
// real programs shall speak, use testbed.
package sender
