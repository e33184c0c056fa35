// Package protocoltest is what the tests of several dissectors share: what a session
// stated and counted, conversations that are played to it as flow would, partners
// that are listened to, and captures. It is for tests only: nothing that ships may
// import it, and what one room alone needs stays in that room.
package protocoltest
