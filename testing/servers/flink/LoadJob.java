import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.RichMapFunction;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.connector.source.Boundedness;
import org.apache.flink.api.connector.source.ReaderOutput;
import org.apache.flink.api.connector.source.Source;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.api.connector.source.SourceSplit;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.core.io.InputStatus;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;

/**
 * A job whose load is steered from outside: source -> keyBy -> slow map -> rebalance -> format -> sink.
 *
 * <p>Arguments: the file with the load curve (lines of "epoch-millis records-per-second", each holding from its
 * instant on), the milliseconds that the slow map takes for a record, and, if it is to fail with more subtasks than
 * that, how many it can have. How many records are due follows from the curve and the clock, and how many were read is in the checkpoints, so a restarted job goes on where it was.
 */
public final class LoadJob {
    private static final int SPLITS = 12;
    /** Large records, so that few of them hide in network buffers. */
    private static final int RECORD_BYTES = 1500;

    private LoadJob() {}

    public static void main(String[] args) throws Exception {
        String curve = args[0];
        long workMillis = Long.parseLong(args[1]);
        int mostSubtasks = args.length > 2 ? Integer.parseInt(args[2]) : Integer.MAX_VALUE;
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        env.enableCheckpointing(2000);
        env.fromSource(new LoadSource(curve), WatermarkStrategy.noWatermarks(), "orders", Types.STRING)
                .uid("orders")
                .keyBy(record -> record.substring(0, record.indexOf('|')), Types.STRING)
                .map(new SlowMap(workMillis, mostSubtasks))
                .returns(Types.STRING)
                .name("enrich")
                .uid("enrich")
                .rebalance()
                .map(record -> record.substring(0, record.indexOf('|')))
                .returns(Types.STRING)
                .name("format")
                .uid("format")
                .sinkTo(new DiscardingSink<>())
                .name("sink")
                .uid("sink");
        env.execute("load-job");
    }

    /** Takes its time for every record. */
    static final class SlowMap extends RichMapFunction<String, String> {
        private final long workMillis;
        private final int mostSubtasks;

        SlowMap(long workMillis, int mostSubtasks) {
            this.workMillis = workMillis;
            this.mostSubtasks = mostSubtasks;
        }

        @Override
        public String map(String record) throws Exception {
            int subtasks = getRuntimeContext().getTaskInfo().getNumberOfParallelSubtasks();
            if (subtasks > mostSubtasks) {
                throw new IllegalStateException("more than " + mostSubtasks + " subtasks");
            }
            Thread.sleep(workMillis);
            return record;
        }
    }

    /** The load over time: how many records are due at an instant. */
    static final class Curve {
        private final Path file;
        private long modified = -1;
        private long[] starts = {};
        private double[] rates = {};

        Curve(String file) {
            this.file = Paths.get(file);
        }

        double dueAt(long now) throws IOException {
            long stamp = Files.getLastModifiedTime(file).toMillis();
            if (stamp != modified) {
                read();
                modified = stamp;
            }
            double due = 0;
            for (int i = 0; i < starts.length && starts[i] < now; i++) {
                long end = i + 1 < starts.length ? Math.min(starts[i + 1], now) : now;
                due += rates[i] * (end - starts[i]) / 1000.0;
            }
            return due;
        }

        private void read() throws IOException {
            List<String> lines = Files.readAllLines(file);
            starts = new long[lines.size()];
            rates = new double[lines.size()];
            for (int i = 0; i < lines.size(); i++) {
                String[] fields = lines.get(i).trim().split(" ");
                starts[i] = Long.parseLong(fields[0]);
                rates[i] = Double.parseDouble(fields[1]);
            }
        }
    }

    /** Every SPLITS-th record, from `next` on. */
    static final class LoadSplit implements SourceSplit, Serializable {
        final int index;
        long next;

        LoadSplit(int index, long next) {
            this.index = index;
            this.next = next;
        }

        long due(double total) {
            return Math.max(0, (long) Math.floor((total - index) / SPLITS + 1));
        }

        @Override
        public String splitId() {
            return Integer.toString(index);
        }
    }

    static final class LoadSource implements Source<String, LoadSplit, List<LoadSplit>> {
        private final String curve;

        LoadSource(String curve) {
            this.curve = curve;
        }

        @Override
        public Boundedness getBoundedness() {
            return Boundedness.CONTINUOUS_UNBOUNDED;
        }

        @Override
        public SourceReader<String, LoadSplit> createReader(SourceReaderContext context) {
            return new LoadReader(context, new Curve(curve));
        }

        @Override
        public SplitEnumerator<LoadSplit, List<LoadSplit>> createEnumerator(SplitEnumeratorContext<LoadSplit> context) {
            List<LoadSplit> splits = new ArrayList<>();
            for (int i = 0; i < SPLITS; i++) {
                splits.add(new LoadSplit(i, 0));
            }
            return new LoadEnumerator(context, splits);
        }

        @Override
        public SplitEnumerator<LoadSplit, List<LoadSplit>> restoreEnumerator(
                SplitEnumeratorContext<LoadSplit> context, List<LoadSplit> unassigned) {
            return new LoadEnumerator(context, unassigned);
        }

        @Override
        public SimpleVersionedSerializer<LoadSplit> getSplitSerializer() {
            return new SplitSerializer();
        }

        @Override
        public SimpleVersionedSerializer<List<LoadSplit>> getEnumeratorCheckpointSerializer() {
            return new SplitsSerializer();
        }
    }

    /** Hands splits to readers, evenly, once all readers are there. */
    static final class LoadEnumerator implements SplitEnumerator<LoadSplit, List<LoadSplit>> {
        private final SplitEnumeratorContext<LoadSplit> context;
        private final List<LoadSplit> unassigned;

        LoadEnumerator(SplitEnumeratorContext<LoadSplit> context, List<LoadSplit> unassigned) {
            this.context = context;
            this.unassigned = new ArrayList<>(unassigned);
        }

        @Override
        public void start() {}

        @Override
        public void handleSplitRequest(int subtask, String host) {}

        @Override
        public void addSplitsBack(List<LoadSplit> splits, int subtask) {
            unassigned.addAll(splits);
            assign();
        }

        @Override
        public void addReader(int subtask) {
            assign();
        }

        private void assign() {
            if (context.registeredReaders().size() < context.currentParallelism()) {
                return;
            }
            for (LoadSplit split : unassigned) {
                context.assignSplit(split, split.index % context.currentParallelism());
            }
            unassigned.clear();
        }

        @Override
        public List<LoadSplit> snapshotState(long checkpoint) {
            return new ArrayList<>(unassigned);
        }

        @Override
        public void close() {}
    }

    /** Emits the records that are due, and reports how many wait. */
    static final class LoadReader implements SourceReader<String, LoadSplit> {
        private static final Executor SOON = CompletableFuture.delayedExecutor(20, TimeUnit.MILLISECONDS);
        private static final String PADDING = "|" + "x".repeat(RECORD_BYTES);
        private final SourceReaderContext context;
        private final Curve curve;
        private final List<LoadSplit> splits = new ArrayList<>();
        private CompletableFuture<Void> available = CompletableFuture.completedFuture(null);
        private double total;
        private volatile long pending;

        LoadReader(SourceReaderContext context, Curve curve) {
            this.context = context;
            this.curve = curve;
        }

        @Override
        public void start() {
            context.metricGroup().setPendingRecordsGauge(this::countPending);
        }

        private Long countPending() {
            try {
                double due = new Curve(curve.file.toString()).dueAt(System.currentTimeMillis());
                long waiting = 0;
                for (LoadSplit split : splits.toArray(new LoadSplit[0])) {
                    waiting += Math.max(0, split.due(due) - split.next);
                }
                pending = waiting;
            } catch (IOException | RuntimeException e) {
                // The curve is being written, or splits are being added: the last count stands.
            }
            return pending;
        }

        @Override
        public InputStatus pollNext(ReaderOutput<String> output) throws Exception {
            total = curve.dueAt(System.currentTimeMillis());
            boolean emitted = false;
            for (LoadSplit split : splits) {
                if (split.next < split.due(total)) {
                    long record = split.next * SPLITS + split.index;
                    split.next++;
                    context.metricGroup().getIOMetricGroup().getNumRecordsInCounter().inc();
                    output.collect(record + PADDING);
                    emitted = true;
                }
            }
            if (emitted) {
                return InputStatus.MORE_AVAILABLE;
            }
            available = CompletableFuture.runAsync(() -> {}, SOON);
            return InputStatus.NOTHING_AVAILABLE;
        }

        @Override
        public CompletableFuture<Void> isAvailable() {
            return available;
        }

        @Override
        public List<LoadSplit> snapshotState(long checkpoint) {
            List<LoadSplit> copies = new ArrayList<>();
            for (LoadSplit split : splits) {
                copies.add(new LoadSplit(split.index, split.next));
            }
            return copies;
        }

        @Override
        public void addSplits(List<LoadSplit> added) {
            splits.addAll(added);
        }

        @Override
        public void notifyNoMoreSplits() {}

        @Override
        public void close() {}
    }

    static final class SplitSerializer implements SimpleVersionedSerializer<LoadSplit> {
        @Override
        public int getVersion() {
            return 1;
        }

        @Override
        public byte[] serialize(LoadSplit split) throws IOException {
            return new SplitsSerializer().serialize(Arrays.asList(split));
        }

        @Override
        public LoadSplit deserialize(int version, byte[] bytes) throws IOException {
            return new SplitsSerializer().deserialize(version, bytes).get(0);
        }
    }

    static final class SplitsSerializer implements SimpleVersionedSerializer<List<LoadSplit>> {
        @Override
        public int getVersion() {
            return 1;
        }

        @Override
        public byte[] serialize(List<LoadSplit> splits) throws IOException {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            DataOutputStream out = new DataOutputStream(bytes);
            out.writeInt(splits.size());
            for (LoadSplit split : splits) {
                out.writeInt(split.index);
                out.writeLong(split.next);
            }
            return bytes.toByteArray();
        }

        @Override
        public List<LoadSplit> deserialize(int version, byte[] bytes) throws IOException {
            DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes));
            List<LoadSplit> splits = new ArrayList<>();
            int count = in.readInt();
            for (int i = 0; i < count; i++) {
                splits.add(new LoadSplit(in.readInt(), in.readLong()));
            }
            return splits;
        }
    }
}
