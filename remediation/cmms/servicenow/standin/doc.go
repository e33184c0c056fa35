// Package standin behaves like ServiceNow's Table API, version 2, as far as its
// documentation goes, with its quirks to switch on, and lets a test or the demo
// play the people who work there. Use it where a real instance would be needed and
// is not at hand: in tests, and in the demo. Do not take an agreement with it for a
// test against a real instance.
package standin
