/** Templates and what becomes of them: the unit test renders them, an integration test asks Go's text/template about them. */

/** What the Canary of these tests says. */
export const variables = {
  texts: { name: 'podinfo', namespace: 'test', target: 'podinfo', interval: '1m' },
  variables: { x: '1', quoted: 'v"q', empty: '', 'a-b': 'dashed' },
};

/** What Go's text/template writes for the same template, option missingkey=error, no data. */
export const texts: Record<string, Record<string, string>> = {
  'text and functions without arguments': {
    'sum(rate(x{ns="{{ namespace }}",pod=~"{{ target }}-[0-9]+"}[{{ interval }}]))':
      'sum(rate(x{ns="test",pod=~"podinfo-[0-9]+"}[1m]))',
    '{{name}}{{ namespace }}': 'podinfotest',
    '{{\tname\n}}': 'podinfo',
    '}} { {{ name }}}': '}} { podinfo}',
    '': '',
  },
  'template variables': {
    '{{ variables.x }}': '1',
    '{{ (variables).x }}': '1',
    '{{ index variables "a-b" }}': 'dashed',
    '{{ index variables "missing" }}': '',
    '{{ variables.empty }}|': '|',
    '{{ variables }}': 'map[a-b:dashed empty: quoted:v"q x:1]',
  },
  'trim markers and comments': {
    'a {{- " b " -}} c': 'a b c',
    '{{ name -}}\n\n b': 'podinfob',
    '\n\n{{- name }}': 'podinfo',
    'a {{- /* said to nobody */ -}} b': 'ab',
    '{{/* "}}" */}}x': 'x',
    '{{- 1 -}}': '1',
    '{{ -1 }}': '-1',
  },
  'pipelines and parentheses': {
    '{{ name | printf "%s/%s" namespace }}': 'test/podinfo',
    '{{ "a" | printf "%s" | len }}': '1',
    '{{ printf "%s" (printf "%d" 1) }}': '1',
    '{{ name | }}': 'podinfo',
  },
  'declared and assigned variables': {
    '{{ $v := name }}{{ $v }}': 'podinfo',
    '{{ $v := 1 }}{{ $v = 2 }}{{ $v }}': '2',
    '{{ $v := variables }}{{ $v.x }}': '1',
    '{{- $route := printf "kube(ew)?_%s__%s" namespace name }} r="{{ $route }}"': ' r="kube(ew)?_test__podinfo"',
  },
  'if and else': {
    '{{ if eq name "podinfo" }}yes{{ else }}no{{ end }}': 'yes',
    '{{ if not name }}x{{ else if eq name "podinfo" }}y{{ else }}z{{ end }}': 'y',
    '{{ if variables.empty }}x{{ else }}y{{ end }}': 'y',
    '{{ if index variables "missing" }}x{{ end }}|': '|',
    '{{ if $x := name }}{{ $x }}{{ end }}': 'podinfo',
    '{{ $x := 1 }}{{ if true }}{{ $x = 2 }}{{ $x := 3 }}{{ end }}{{ $x }}': '2',
    'a\n{{- if true }} b{{ end -}}\n c': 'a bc',
  },
  with: {
    '{{ with variables }}{{ .x }}{{ end }}': '1',
    '{{ with variables.empty }}x{{ else }}y{{ end }}': 'y',
    '{{ with "" }}x{{ else with name }}{{ . }}{{ end }}': 'podinfo',
    '{{ with $x := name }}{{ $x }}{{ . }}{{ $ }}{{ end }}{{ . }}': 'podinfopodinfo<no value><no value>',
  },
  range: {
    '{{ range $key, $value := variables }}{{ $key }}={{ $value }};{{ end }}': 'a-b=dashed;empty=;quoted=v"q;x=1;',
    '{{ range variables }}[{{ . }}]{{ end }}': '[dashed][][v"q][1]',
    '{{ range 3 }}{{ if eq . 1 }}{{ continue }}{{ end }}{{ . }}{{ end }}': '02',
    '{{ range $i := 5 }}{{ if ge $i 2 }}{{ break }}{{ end }}{{ $i }}{{ end }}': '01',
    '{{ range 0 }}x{{ else }}none{{ end }}': 'none',
    '{{ range . }}x{{ else }}none{{ end }}': 'none',
    '{{ $k := "" }}{{ $v := "" }}{{ range $k, $v = variables }}{{ end }}{{ $k }}{{ $v }}': 'x1',
  },
  constants: {
    '{{ "\\u00e9\\x41\\101\\t" }}|{{ `raw\\n` }}|{{ "}}" }}': 'éAA\t|raw\\n|}}',
    "{{ 'a' }} {{ '\\n' }}": '97 10',
    '{{ 0x1F }} {{ 1_000 }} {{ 0b11 }} {{ 0o17 }} {{ 017 }}': '31 1000 3 15 15',
    '{{ 1.5 }} {{ .5 }} {{ 1e3 }} {{ 1e20 }} {{ 0.00001 }} {{ 3.0 }}': '1.5 0.5 1000 1e+20 1e-05 3',
    '{{ true }}{{ false }}': 'truefalse',
    '{{ . }}{{ $ }}': '<no value><no value>',
  },
  printf: {
    '{{ printf "%s-%d %v %q %.2f" name 5 2 "a" 1.5 }}': 'podinfo-5 2 "a" 1.50',
    '{{ printf "%.0e|%.1e|%.3e|%.0e|%.0e|%.1e|%.2e" 2.5 1.25 12345.0 9.5 -2.5 1.35 1e23 }}':
      '2e+00|1.2e+00|1.234e+04|1e+01|-2e+00|1.4e+00|1.00e+23',
    '{{ printf "%5.1f|%-8.3f|%08.3f|%+d|% d|%e|%g" 3.14159 2.0 -1.5 5 5 12345.678 1e7 }}':
      '  3.1|2.000   |-001.500|+5| 5|1.234568e+04|1e+07',
    '{{ printf "%5s|%-5s|%05d|%x|%x|%5.2s" "a" "b" 3 255 "hi" "abc" }}': '    a|b    |00003|ff|6869|   ab',
    '{{ printf "%6.2f%%" 99.5 }}': ' 99.50%',
    '{{ printf "%.2f %.2f %.0f" 98.125 98.375 0.5 }}': '98.12 98.38 0',
    '{{ printf "%d" "a" }} {{ printf "%s" }} {{ printf "a" 1 }} {{ printf "%" }}':
      '%!d(string=a) %!s(MISSING) a%!(EXTRA int=1) %!(NOVERB)',
  },
  'the other functions': {
    '{{ print 1 2 "a" 3 }}|{{ println 1 "b" }}': '1 2a3|1 b\n',
    '{{ len name }} {{ len "é" }} {{ index "abc" 1 }} {{ slice "abcd" 1 3 }}': '7 2 98 bc',
    '{{ eq name "other" "podinfo" }} {{ ne 1 1 }} {{ lt 1 2 }} {{ le 2 2 }} {{ gt "b" "a" }} {{ ge 1 2 }}':
      'true false true true true false',
    '{{ and 1 0 }}|{{ and 1 2 }}|{{ or "" 5 }}|{{ or 0 "" }}|{{ not "" }}': '0|2|5||true',
    '{{ if and (index variables "nope") variables.nope }}y{{ else }}n{{ end }}|{{ or name variables.nope }}':
      'n|podinfo',
    '{{ and "" variables.nope | printf "%q" }}|{{ name | and 0 }}|{{ name | and 1 }}': '""|0|podinfo',
    '{{ html "<a\'b>&" }} {{ js "\'<a>=" }} {{ urlquery "ä b&c~" }}':
      "&lt;a&#39;b&gt;&amp; \\'\\u003Ca\\u003E\\u003D %C3%A4+b%26c~",
  },
};

const parsing = (line: number, what: string): string => `template parsing failed: template: tmpl:${line}: ${what}`;
const executing = (place: string, what: string): string =>
  `template excution failed: template: tmpl:${place.replace(' ', ': executing "tmpl" at <')}>: ${what}`;

/** Messages of templates that can't be read or rendered. */
export const errors: Record<string, Record<string, string>> = {
  'an unknown name': {
    '{{ foo }}': parsing(1, 'function "foo" not defined'),
    'x\n  {{ foo }}': parsing(2, 'function "foo" not defined'),
    '{{ $x }}': parsing(1, 'undefined variable "$x"'),
    '{{ variables.nope }}': executing('1:3 variables', 'map has no entry for key "nope"'),
    'x\ny {{ variables.nope }}': executing('2:5 variables', 'map has no entry for key "nope"'),
    '{{ .Foo }}': executing('1:3 .Foo', 'nil data; no entry for key "Foo"'),
    '{{ name.x }}': executing('1:3 name', "can't evaluate field x in type string"),
  },
  'what does not end': {
    '{{ name': parsing(1, 'unclosed action'),
    '{{': parsing(1, 'unclosed action'),
    '{{ "abc }}': parsing(1, 'unterminated quoted string'),
    '{{ `abc }}': parsing(1, 'unterminated raw quoted string'),
    "{{ 'a }}": parsing(1, 'unterminated character constant'),
    '{{/* x }}': parsing(1, 'unclosed comment'),
    '{{/* x */ }}': parsing(1, 'comment ends before closing delimiter'),
    '{{ (name }}': parsing(1, 'unclosed left paren'),
  },
  'what does not belong there': {
    '{{ }}': parsing(1, 'missing value for command'),
    '{{ | name }}': parsing(1, 'unexpected "|" in command'),
    '{{ @ }}': parsing(1, 'unexpected "@" in command'),
    '{{ name,x }}': parsing(1, 'unexpected "," in operand'),
    '{{ name )}}': parsing(1, 'unexpected right paren'),
    '{{ 1 | 2 }}': parsing(1, 'non executable command in pipeline stage 2'),
    '{{ 1a }}': parsing(1, 'bad number syntax: "1a"'),
    "{{ 'ab' }}": parsing(1, "malformed character constant: 'ab'"),
    '{{ "\\q" }}': parsing(1, 'invalid syntax'),
  },
  'a wrong structure': {
    '{{ if true }}': parsing(1, 'unexpected EOF'),
    'a\n{{ end }}': parsing(2, 'unexpected {{end}}'),
    '{{ else }}': parsing(1, 'unexpected {{else}}'),
    '{{ if true }}a{{ else }}b{{ else }}c{{ end }}': parsing(1, 'expected end; found {{else}}'),
    '{{ if }}x{{ end }}': parsing(1, 'missing value for if'),
    '{{ if true }}{{ end x }}': parsing(1, 'unexpected "x" in end'),
    '{{ break }}': parsing(1, '{{break}} outside {{range}}'),
    '{{ range 2 }}{{ continue 1 }}{{ end }}': parsing(1, 'unexpected "1" in {{continue}}'),
    '{{ if true }}{{ $y := 3 }}{{ end }}{{ $y }}': parsing(1, 'undefined variable "$y"'),
    '{{ range $a, $b, $c := variables }}{{ end }}': parsing(1, 'too many declarations in range'),
    '{{ range true }}x{{ end }}': executing('1:9 true', "range can't iterate over true"),
    '{{ range $i, $j := 3 }}x{{ end }}': executing('1:19 3', "can't use 3 to iterate over more than one variable"),
    '{{ if nil }}x{{ end }}': executing('1:6 nil', 'nil is not a command'),
  },
  'a wrong call': {
    '{{ name 1 }}': executing('1:3 name', 'wrong number of args for name: want 0 got 1'),
    '{{ printf }}': executing('1:3 printf', 'wrong number of args for printf: want at least 1 got 0'),
    '{{ "a" "b" }}': executing('1:3 "a"', 'can\'t give argument to non-function "a"'),
    '{{ nil }}': executing('1:3 nil', 'nil is not a command'),
    '{{ len 3 }}': executing('1:3 len 3', 'error calling len: len of type int'),
    '{{ eq 1 1.0 }}': executing('1:3 eq 1 1.0', 'error calling eq: incompatible types for comparison: int and float64'),
    '{{ index variables 1 }}': executing(
      '1:3 index variables 1',
      'error calling index: value has type int; should be string',
    ),
  },
};
