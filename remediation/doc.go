// Package remediation holds what is to be done: Finding (what is wrong with one
// device), Decision (what policy says of it, with every input and reason),
// WorkOrder (one piece of work, from draft to verified) and Connector (the
// hospital's CMMS). Use it for "what is wrong, who mends it"; do not use it for
// "which device is this" (package inventory).
package remediation
