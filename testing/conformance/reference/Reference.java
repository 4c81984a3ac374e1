package org.apache.flink.autoscaler;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TimeZone;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.autoscaler.event.AutoScalerEventHandler;
import org.apache.flink.autoscaler.jdbc.state.JdbcAutoScalerStateStore;
import org.apache.flink.autoscaler.jdbc.state.JdbcStateInteractor;
import org.apache.flink.autoscaler.jdbc.state.JdbcStateStore;
import org.apache.flink.autoscaler.jdbc.state.StateType;
import org.apache.flink.autoscaler.metrics.EvaluatedScalingMetric;
import org.apache.flink.autoscaler.metrics.ScalingMetric;
import org.apache.flink.autoscaler.realizer.ScalingRealizer;
import org.apache.flink.autoscaler.tuning.ConfigChanges;
import org.apache.flink.autoscaler.validation.AutoscalerValidator;
import org.apache.flink.client.program.rest.RestClusterClient;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;
import org.apache.flink.runtime.highavailability.nonha.standalone.StandaloneClientHAServices;
import org.apache.flink.runtime.jobgraph.JobVertexID;
import org.apache.flink.runtime.rest.messages.MessageHeaders;
import org.apache.flink.runtime.rest.messages.MessageParameters;
import org.apache.flink.runtime.rest.messages.RequestBody;
import org.apache.flink.runtime.rest.messages.ResponseBody;
import org.apache.flink.runtime.rest.messages.job.JobDetailsInfo;
import org.apache.flink.runtime.rest.messages.job.metrics.AggregatedMetric;
import org.apache.flink.runtime.rest.messages.job.metrics.AggregatedMetricsResponseBody;
import org.apache.flink.runtime.rest.messages.job.metrics.AggregatedSubtaskMetricsHeaders;
import org.apache.flink.runtime.rest.messages.job.metrics.JobManagerMetricsHeaders;
import org.apache.flink.runtime.rest.messages.job.metrics.Metric;
import org.apache.flink.runtime.rest.messages.job.metrics.MetricCollectionResponseBody;
import org.apache.flink.runtime.rest.messages.job.metrics.MetricsFilterParameter;
import org.apache.flink.runtime.rest.util.RestMapperUtils;

/**
 * Runs traces through the reference, and writes them with what it did as `expect`. Arguments: directory of traces, and of what comes of them; `as-recorded` leaves
 * jobs as they are in the traces, else they are rescaled as the reference asks.
 */
public final class Reference {
    private static final ObjectMapper JSON = new ObjectMapper();
    /** The recorded texts of errors are not compared. */
    private static final String ANY_TEXT = "*";

    private final Cluster cluster;
    private final boolean isRescaled;
    private final AutoscalerValidator validator = new AutoscalerValidator();
    private final Rows rows = new Rows();
    private final Backends backends = new Backends();
    private final Rescales rescales = new Rescales();
    private JobAutoScalerImpl<String, Job> scaler = started();
    private JsonNode job;
    private Map<String, String> config;

    private Reference(Cluster cluster, boolean isRescaled) {
        this.cluster = cluster;
        this.isRescaled = isRescaled;
    }

    public static void main(String[] args) throws Exception {
        TimeZone.setDefault(TimeZone.getTimeZone("UTC"));
        Path to = Files.createDirectories(Path.of(args[1]));
        Cluster cluster = new Cluster();
        List<Path> files;
        try (var listed = Files.list(Path.of(args[0]))) {
            files = listed.filter(file -> file.toString().endsWith(".jsonl.gz")).sorted().collect(Collectors.toList());
        }
        for (Path file : files) {
            new Reference(cluster, !List.of(args).contains("as-recorded")).run(file, to.resolve(file.getFileName()));
        }
        // Flink's client has threads of its own.
        System.exit(0);
    }

    private void run(Path from, Path to) throws Exception {
        try (var reader = new BufferedReader(new InputStreamReader(new GZIPInputStream(Files.newInputStream(from)), StandardCharsets.UTF_8));
                var writer = new BufferedWriter(new OutputStreamWriter(new GZIPOutputStream(Files.newOutputStream(to)), StandardCharsets.UTF_8))) {
            for (String text = reader.readLine(); text != null; text = reader.readLine()) {
                ObjectNode line = (ObjectNode) JSON.readTree(text);
                switch (line.get("kind").asText()) {
                    case "job":
                        job = line;
                        config = options(line);
                        break;
                    case "restart":
                        scaler = started();
                        break;
                    default:
                        config = line.has("config") ? options(line) : config;
                        if (isRescaled) {
                            rescales.apply(line);
                        }
                        line.set("expect", cycle(line));
                        if (isRescaled) {
                            rescales.take(line, backends.parallelism);
                        }
                }
                writer.write(JSON.writeValueAsString(line));
                writer.newLine();
            }
        }
    }

    @SuppressWarnings("unchecked")
    private static Map<String, String> options(JsonNode line) {
        return JSON.convertValue(line.get("config"), Map.class);
    }

    /** A process that knows what the database has. */
    private JobAutoScalerImpl<String, Job> started() {
        var store = new JdbcAutoScalerStateStore<String, Job>(new JdbcStateStore(rows));
        return new JobAutoScalerImpl<>(
                new RestApiMetricsCollector<>(store),
                new ScalingMetricEvaluator<>(List.of()),
                new ScalingExecutor<>(backends, store),
                backends,
                backends,
                store);
    }

    private ObjectNode cycle(JsonNode line) throws Exception {
        cluster.line = line;
        backends.begin();
        Instant now = Instant.ofEpochMilli(line.get("now").asLong());
        scaler.setClock(Clock.fixed(now, ZoneOffset.UTC));
        Job context = new Job(job, JobStatus.valueOf(line.get("status").asText()), Configuration.fromMap(config), cluster);
        ObjectNode expect = JSON.createObjectNode();
        expect.put("outcome", outcome(context));
        var evaluated = context.getScalingCycleState().getEvaluatedMetrics();
        if (evaluated == null) {
            expect.putNull("evaluated");
        } else {
            ObjectNode vertices = expect.putObject("evaluated").putObject("vertices");
            evaluated.getVertexMetrics().forEach((id, metrics) -> vertices.set(id.toHexString(), metrics(metrics)));
            ((ObjectNode) expect.get("evaluated")).set("global", metrics(evaluated.getGlobalMetrics()));
        }
        expect.set("events", backends.events);
        expect.set("realizedParallelism", backends.parallelism == null ? NullNode.instance : JSON.valueToTree(backends.parallelism));
        if (backends.changes == null) {
            expect.putNull("realizedConfig");
        } else {
            ObjectNode changes = expect.putObject("realizedConfig");
            changes.set("overrides", JSON.valueToTree(backends.changes.getOverrides()));
            changes.set("removals", JSON.valueToTree(new TreeSet<>(backends.changes.getRemovals())));
        }
        ObjectNode state = expect.putObject("state");
        rows.rows.forEach((type, value) -> state.put(type.getIdentifier(), value));
        return expect;
    }

    /** What the standalone process does with a job, and what its counters make of it. */
    private String outcome(Job context) throws Exception {
        Optional<String> invalid = validator.validateAutoscalerOptions(context.getConfiguration());
        if (invalid.isPresent()) {
            backends.handleEvent(context, AutoScalerEventHandler.Type.Warning, "AutoScaler Options Validation", invalid.get(), null, Duration.ofMinutes(30));
            return "invalid";
        }
        long[] before = counted(context);
        scaler.scale(context);
        long[] after = counted(context);
        String[] outcomes = {"error", "scaled", "balanced"};
        for (int index = 0; index < outcomes.length; index++) {
            if (after[index] > before[index]) {
                return outcomes[index];
            }
        }
        return "none";
    }

    private long[] counted(Job context) {
        var counters = scaler.flinkMetrics.get(context.getJobKey());
        return counters == null
                ? new long[3]
                : new long[] {counters.getNumErrorsCount(), counters.getNumScalingsCount(), counters.getNumBalancedCount()};
    }

    private static ObjectNode metrics(Map<ScalingMetric, EvaluatedScalingMetric> metrics) {
        ObjectNode node = JSON.createObjectNode();
        metrics.forEach((name, value) -> {
            if (value == null) {
                node.putNull(name.name());
            } else {
                node.putArray(name.name()).add(number(value.getCurrent())).add(number(value.getAverage()));
            }
        });
        return node;
    }

    private static JsonNode number(double value) {
        return Double.isFinite(value) ? DoubleNode.valueOf(value) : TextNode.valueOf(Double.toString(value));
    }

    private static final class Job extends JobAutoScalerContext<String> {
        private final JsonNode line;

        Job(JsonNode line, JobStatus status, Configuration configuration, Cluster cluster) {
            super(
                    line.get("jobKey").asText(),
                    JobID.fromHexString(line.get("jobId").asText()),
                    status,
                    configuration,
                    new UnregisteredMetricsGroup(),
                    () -> cluster);
            this.line = line;
        }

        @Override
        public Optional<Double> getTaskManagerCpu() {
            JsonNode cpu = line.get("taskManagerCpu");
            return cpu.isNull() ? Optional.empty() : Optional.of(cpu.asDouble());
        }

        @Override
        public Optional<MemorySize> getTaskManagerMemory() {
            JsonNode bytes = line.get("taskManagerMemoryBytes");
            return bytes.isNull() ? super.getTaskManagerMemory() : Optional.of(new MemorySize(bytes.asLong()));
        }
    }

    /** Answers what a trace's line says. */
    private static final class Cluster extends RestClusterClient<String> {
        private JsonNode line;

        Cluster() throws Exception {
            super(new Configuration(), "cluster", (configuration, errors) -> new StandaloneClientHAServices("http://127.0.0.1:1"));
        }

        @Override
        public void close() {}

        @Override
        public CompletableFuture<JobDetailsInfo> getJobDetails(JobID id) {
            return answered(() -> read(line.get("jobDetails"), JobDetailsInfo.class));
        }

        @Override
        @SuppressWarnings("unchecked")
        public <M extends MessageHeaders<R, P, U>, U extends MessageParameters, R extends RequestBody, P extends ResponseBody>
                CompletableFuture<P> sendRequest(M headers, U parameters, R body) {
            return answered(() -> (P) answer(headers, parameters));
        }

        private ResponseBody answer(MessageHeaders<?, ?, ?> headers, MessageParameters parameters) throws IOException {
            List<String> names = names(parameters);
            if (headers instanceof JobManagerMetricsHeaders) {
                List<Metric> found = new ArrayList<>();
                for (JsonNode metric : named(line.get("jobManagerMetrics"), names)) {
                    found.add(new Metric(metric.get("id").asText(), metric.get("value").asText()));
                }
                return new MetricCollectionResponseBody(found);
            }
            if (!(headers instanceof AggregatedSubtaskMetricsHeaders)) {
                List<JsonNode> found = named(line.get("taskManagerMetrics"), names);
                return aggregated(found.size() < names.size() ? List.of() : found);
            }
            var path = parameters.getPathParameters().iterator();
            path.next();
            JsonNode metrics = line.get("vertexMetrics").path(((JobVertexID) path.next().getValue()).toHexString());
            if (names != null) {
                return aggregated(named(metrics, names));
            }
            List<AggregatedMetric> found = new ArrayList<>();
            metrics.forEach(metric -> found.add(new AggregatedMetric(metric.get("id").asText())));
            return new AggregatedMetricsResponseBody(found);
        }

        /** What is asked for; null: what there is. */
        private static List<String> names(MessageParameters parameters) {
            for (var parameter : parameters.getQueryParameters()) {
                if (parameter instanceof MetricsFilterParameter && parameter.isResolved()) {
                    return ((MetricsFilterParameter) parameter).getValue();
                }
            }
            return null;
        }

        private static List<JsonNode> named(JsonNode metrics, List<String> names) {
            List<JsonNode> found = new ArrayList<>();
            metrics.forEach(metric -> {
                if (names.contains(metric.get("id").asText())) {
                    found.add(metric);
                }
            });
            return found;
        }

        private static AggregatedMetricsResponseBody aggregated(List<JsonNode> metrics) throws IOException {
            List<AggregatedMetric> found = new ArrayList<>();
            for (JsonNode metric : metrics) {
                found.add(read(metric, AggregatedMetric.class));
            }
            return new AggregatedMetricsResponseBody(found);
        }

        private static <T> T read(JsonNode node, Class<T> type) throws IOException {
            return RestMapperUtils.getFlexibleObjectMapper().readValue(node.toString(), type);
        }

        private interface Answer<T> {
            T get() throws IOException;
        }

        private static <T> CompletableFuture<T> answered(Answer<T> answer) {
            try {
                return CompletableFuture.completedFuture(answer.get());
            } catch (IOException error) {
                return CompletableFuture.failedFuture(error);
            }
        }
    }

    /** The database. */
    private static final class Rows extends JdbcStateInteractor {
        private final Map<StateType, String> rows = new TreeMap<>();

        Rows() {
            super(null);
        }

        @Override
        public Map<StateType, String> queryData(String key) {
            return new HashMap<>(rows);
        }

        @Override
        public void deleteData(String key, List<StateType> types) {
            types.forEach(rows::remove);
        }

        @Override
        public void createData(String key, List<StateType> types, Map<StateType, String> data) {
            types.forEach(type -> rows.put(type, data.get(type)));
        }

        @Override
        public void updateData(String key, List<StateType> types, Map<StateType, String> data) {
            createData(key, types, data);
        }
    }

    /** What a cycle hands to the event handler and the realizer. */
    private static final class Backends implements AutoScalerEventHandler<String, Job>, ScalingRealizer<String, Job> {
        private ArrayNode events;
        private Map<String, String> parallelism;
        private ConfigChanges changes;

        void begin() {
            events = JSON.createArrayNode();
            parallelism = null;
            changes = null;
        }

        @Override
        public void handleEvent(Job job, Type type, String reason, String message, String key, Duration interval) {
            ObjectNode event = events.addObject();
            event.put("type", type.name());
            event.put("reason", reason);
            event.put("messageKey", key);
            event.put("intervalMs", interval == null ? null : (Long) interval.toMillis());
            event.put("message", message);
        }

        @Override
        public void handleException(Job job, String reason, Throwable error) {
            handleEvent(job, Type.Warning, reason, ANY_TEXT, null, null);
        }

        @Override
        public void realizeParallelismOverrides(Job job, Map<String, String> overrides) {
            parallelism = new TreeMap<>(overrides);
        }

        @Override
        public void realizeConfigOverrides(Job job, ConfigChanges overrides) {
            changes = overrides;
        }

        @Override
        public void close() {}
    }

    /** Has the job of a trace follow what was asked for: parallelism, when it has been running since, tasks, and what depends on how many there are. */
    private static final class Rescales {
        private final Map<String, Integer> parallelism = new HashMap<>();
        private long runningSince = Long.MIN_VALUE;

        void apply(ObjectNode line) {
            JsonNode details = line.get("jobDetails");
            Map<String, Integer> recorded = new HashMap<>();
            for (JsonNode vertex : details.get("vertices")) {
                String id = vertex.get("id").asText();
                int before = vertex.get("parallelism").asInt();
                recorded.put(id, before);
                int now = parallelism.computeIfAbsent(id, unseen -> before);
                ((ObjectNode) vertex).put("parallelism", now);
                if (vertex.path("tasks").path("RUNNING").asInt() == before) {
                    ((ObjectNode) vertex.get("tasks")).put("RUNNING", now);
                }
            }
            for (JsonNode node : details.path("plan").path("nodes")) {
                ((ObjectNode) node).put("parallelism", parallelism.getOrDefault(node.get("id").asText(), 1));
            }
            ObjectNode timestamps = (ObjectNode) details.get("timestamps");
            timestamps.put("RUNNING", Math.max(runningSince, timestamps.get("RUNNING").asLong()));
            line.get("vertexMetrics").fields().forEachRemaining(vertex -> {
                Integer before = recorded.get(vertex.getKey());
                if (before != null && !before.equals(parallelism.get(vertex.getKey()))) {
                    vertex.getValue().forEach(metric -> spread((ObjectNode) metric, before, parallelism.get(vertex.getKey())));
                }
            });
        }

        /** The same work by another number of subtasks. */
        private static void spread(ObjectNode metric, int before, int now) {
            double sum = metric.path("sum").asDouble();
            boolean isOfAll = metric.path("avg").isNumber() && (sum == 0 || Math.abs(sum / metric.get("avg").asDouble() - before) < 0.01);
            if (!isOfAll) {
                return;
            }
            boolean isBusy = metric.get("id").asText().equals("busyTimeMsPerSecond");
            for (String field : List.of("min", "max", "avg")) {
                double each = metric.path(field).asDouble() * before / now;
                metric.put(field, isBusy ? Math.min(1000.0, each) : each);
            }
            if (isBusy) {
                metric.put("sum", metric.get("avg").asDouble() * now);
            }
        }

        void take(JsonNode line, Map<String, String> asked) {
            boolean isChanged = false;
            for (JsonNode vertex : line.get("jobDetails").get("vertices")) {
                String id = vertex.get("id").asText();
                int wanted = asked == null ? 0 : Integer.parseInt(asked.getOrDefault(id, "0"));
                int most = vertex.get("maxParallelism").asInt();
                if (wanted >= 1 && (most <= 0 || wanted <= most)) {
                    isChanged |= parallelism.put(id, wanted) != wanted;
                }
            }
            if (isChanged) {
                long now = line.get("now").asLong();
                // A restart of 7 to 37 s, whichever the clock says.
                runningSince = now + 7000 + now / 1000 % 31 * 1000;
            }
        }
    }
}
