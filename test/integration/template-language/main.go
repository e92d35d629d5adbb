// Renders the templates of a JSON array on standard input with Go's own text/template, as the reference does, and writes
// an array of {text, error} in the same order.
package main

import (
	"encoding/json"
	"os"
	"strings"
	"text/template"
)

type question struct {
	Texts     map[string]string `json:"texts"`
	Variables map[string]string `json:"variables"`
	Sources   []string          `json:"sources"`
}

type answer struct {
	Text  string `json:"text"`
	Error string `json:"error"`
}

func render(source string, functions template.FuncMap) answer {
	parsed, err := template.New("tmpl").Option("missingkey=error").Funcs(functions).Parse(source)
	if err != nil {
		return answer{Error: "template parsing failed: " + err.Error()}
	}
	var text strings.Builder
	if err := parsed.Execute(&text, nil); err != nil {
		return answer{Error: "template excution failed: " + err.Error()}
	}
	return answer{Text: text.String()}
}

func main() {
	var asked question
	if err := json.NewDecoder(os.Stdin).Decode(&asked); err != nil {
		panic(err)
	}
	functions := template.FuncMap{"variables": func() map[string]string { return asked.Variables }}
	for name, text := range asked.Texts {
		functions[name] = func() string { return text }
	}
	answers := []answer{}
	for _, source := range asked.Sources {
		answers = append(answers, render(source, functions))
	}
	if err := json.NewEncoder(os.Stdout).Encode(answers); err != nil {
		panic(err)
	}
}
