{{- define "flink-autoscaler.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- /* What everything is called: the release's name where that says what it is. */ -}}
{{- define "flink-autoscaler.fullname" -}}
{{- $name := include "flink-autoscaler.name" . -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" -}}
{{- else if contains $name .Release.Name -}}
{{- .Release.Name | trunc 63 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 63 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "flink-autoscaler.selectorLabels" -}}
app.kubernetes.io/name: {{ include "flink-autoscaler.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "flink-autoscaler.labels" -}}
{{ include "flink-autoscaler.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end -}}

{{- define "flink-autoscaler.serviceAccount" -}}
{{- default (include "flink-autoscaler.fullname" .) .Values.serviceAccount.name -}}
{{- end -}}

{{- define "flink-autoscaler.image" -}}
{{- if .Values.image.digest -}}
{{- printf "%s@%s" .Values.image.repository .Values.image.digest -}}
{{- else -}}
{{- printf "%s:%s" .Values.image.repository (default .Chart.AppVersion .Values.image.tag) -}}
{{- end -}}
{{- end -}}

{{- /* config.yaml: what follows from values, and the options above it, each value as a text. */ -}}
{{- define "flink-autoscaler.configuration" -}}
{{- $handlers := list "LOGGING" -}}
{{- if ne .Values.store.type "kubernetes" -}}{{- $handlers = append $handlers "JDBC" -}}{{- end -}}
{{- if .Values.events -}}{{- $handlers = append $handlers "KUBERNETES" -}}{{- end -}}
{{- $options := dict
      "autoscaler.standalone.fetcher.type" "KUBERNETES"
      "autoscaler.standalone.realizer.type" "KUBERNETES"
      "autoscaler.standalone.event-handler.type" (join "," $handlers)
      "autoscaler.standalone.state-store.type" (upper .Values.store.type) -}}
{{- $watched := .Values.watchNamespaces | join ";" -}}
{{- if eq .Values.store.type "sqlite" -}}
{{- $_ := set $options "autoscaler.standalone.state-store.sqlite.file" "/var/lib/flink-autoscaler/flink-autoscaler.db" -}}
{{- else -}}
{{- /* With one replica, too: while it is replaced there are two. */ -}}
{{- $_ := set $options "autoscaler.standalone.high-availability.enabled" "true" -}}
{{- end -}}
{{- if eq .Values.store.type "kubernetes" -}}
{{- $fullname := include "flink-autoscaler.fullname" . -}}
{{- if ne $fullname "flink-autoscaler" -}}
{{- $_ := set $options "autoscaler.standalone.state-store.kubernetes.instance" $fullname -}}
{{- end -}}
{{- if $watched -}}
{{- $_ := set $options "autoscaler.standalone.state-store.kubernetes.namespaces" $watched -}}
{{- end -}}
{{- end -}}
{{- if eq .Values.store.type "jdbc" -}}
{{- $_ := set $options "autoscaler.standalone.jdbc.url" .Values.store.jdbc.url -}}
{{- if .Values.store.jdbc.username -}}
{{- $_ := set $options "autoscaler.standalone.jdbc.username" .Values.store.jdbc.username -}}
{{- end -}}
{{- end -}}
{{- if .Values.http.existingSecret -}}
{{- $_ := set $options "autoscaler.standalone.http.address" "0.0.0.0:8090" -}}
{{- end -}}
{{- if $watched -}}
{{- $_ := set $options "autoscaler.standalone.fetcher.kubernetes.namespaces" $watched -}}
{{- end -}}
{{- if .Values.operatorConfiguration -}}
{{- $_ := set $options "autoscaler.standalone.fetcher.kubernetes.operator-configuration" .Values.operatorConfiguration -}}
{{- end -}}
{{- if .Values.proxy -}}
{{- $_ := set $options "autoscaler.standalone.fetcher.kubernetes.access" "PROXY" -}}
{{- end -}}
{{- if .Values.restOnly -}}
{{- $_ := set $options "autoscaler.standalone.realizer.kubernetes.mode" "REST" -}}
{{- end -}}
{{- range $key, $value := .Values.options -}}
{{- /* Helm reads whole numbers as floating ones. */ -}}
{{- if kindIs "float64" $value -}}
{{- if eq $value (floor $value) -}}{{- $value = int64 $value -}}{{- end -}}
{{- end -}}
{{- $_ := set $options $key (toString $value) -}}
{{- end -}}
{{- toYaml $options -}}
{{- end -}}

{{- /* What it may do where the jobs are. */ -}}
{{- define "flink-autoscaler.rulesOfJobs" -}}
- apiGroups: [flink.apache.org]
  resources: [flinkdeployments, flinksessionjobs]
  verbs: {{ ternary (list "get" "list" "watch") (list "get" "list" "watch" "patch") .Values.restOnly | toJson }}
{{- if eq .Values.store.type "kubernetes" }}
- apiGroups: [""]
  resources: [configmaps]
  verbs: [get, list, create, update, delete]
{{- else }}
- apiGroups: [""]
  resources: [configmaps]
  verbs: [get]
{{- end }}
{{- if .Values.proxy }}
- apiGroups: [""]
  resources: [services/proxy]
  verbs: [get, update]
{{- end }}
{{- if .Values.events }}
- apiGroups: [""]
  resources: [events]
  verbs: [get, create, patch]
{{- end }}
{{- end -}}

{{- /* A role and who has it: context, kind, name, namespace (none: the cluster's), rules. */ -}}
{{- define "flink-autoscaler.role" -}}
{{- $context := .context -}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: {{ .kind }}
metadata:
  name: {{ .name }}
  {{- with .namespace }}
  namespace: {{ . }}
  {{- end }}
  labels:
    {{- include "flink-autoscaler.labels" $context | nindent 4 }}
rules:
  {{- .rules | nindent 2 }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: {{ .kind }}Binding
metadata:
  name: {{ .name }}
  {{- with .namespace }}
  namespace: {{ . }}
  {{- end }}
  labels:
    {{- include "flink-autoscaler.labels" $context | nindent 4 }}
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: {{ .kind }}
  name: {{ .name }}
subjects:
  - kind: ServiceAccount
    name: {{ include "flink-autoscaler.serviceAccount" $context }}
    namespace: {{ $context.Release.Namespace }}
{{ end -}}
