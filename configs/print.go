package configs

import (
	"fmt"
	"io"
	"reflect"
	"time"

	"gopkg.in/yaml.v3"
)

// Print writes the effective configuration as YAML that Decode accepts. It holds
// no secret: secrets lie in files of their own, of which only the path is here.
func (c Config) Print(w io.Writer) error {
	e := yaml.NewEncoder(w)
	e.SetIndent(2)
	if err := e.Encode(node(reflect.ValueOf(c))); err != nil {
		return fmt.Errorf("print configuration: %w", err)
	}
	return e.Close()
}

// node writes durations and addresses as people do.
func node(v reflect.Value) any {
	switch x := v.Interface().(type) {
	case time.Duration:
		return x.String()
	case fmt.Stringer:
		return x.String()
	}
	switch v.Kind() {
	case reflect.Struct:
		n := &yaml.Node{Kind: yaml.MappingNode}
		for i := range v.NumField() {
			var key, value yaml.Node
			key.SetString(v.Type().Field(i).Tag.Get("yaml"))
			if err := value.Encode(node(v.Field(i))); err == nil {
				n.Content = append(n.Content, &key, &value)
			}
		}
		return n
	case reflect.Slice:
		list := make([]any, v.Len())
		for i := range list {
			list[i] = node(v.Index(i))
		}
		return list
	}
	return v.Interface()
}
