package io.ballast.model;

import io.ballast.tensor.DType;
import io.ballast.tensor.Device;
import io.ballast.tensor.Native;
import io.ballast.tensor.Scope;
import io.ballast.tensor.Team;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.bytedeco.pytorch.GeneratorOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * A language model that scores tokens, learns from gradients with respect to their log-probabilities, and is saved where every other
 * tool loads it.
 *
 * <p>A step has two phases: {@link #score} says ln π of every trained token, a pure objective turns those into dL/d ln π, and
 * {@link #backward} takes them back through the model. π is softmax(logits / temperature) in both. How rows are cut into micro-batches
 * is internal; it changes results by rounding alone (fp32: log-probabilities by less than 1e-5). On a CPU every thread computes
 * micro-batches of its own.
 *
 * <p>Owns native memory: close it. One thread at a time; methods lock.
 */
public final class Policy implements AutoCloseable {
  /** On a CPU micro-batches have positions by this many, where the number is free. */
  private static final int STEP = 32;

  private final ModelConfig config;
  private final Layout layout;
  private final Device device;
  private final DType dtype;
  private final Weights master;
  /** One for each thread that computes micro-batches at once. */
  private final List<Worker> workers;
  /** generation_config.json as loaded: it belongs to whoever samples and is handed on. */
  private byte @Nullable [] generation;
  private @Nullable Weights narrow;
  private @Nullable Weights gradients;
  private Held held = Held.ZEROS;
  private @Nullable Adapter adapter;
  private final Trainable whole = new Whole();
  private boolean narrowStale = true;
  private long version;
  private boolean checkpointing;
  private boolean closed;

  private Policy(ModelConfig config, Weights master, Device device, DType dtype) {
    this.config = config;
    this.layout = master.layout();
    this.device = device;
    this.dtype = dtype;
    this.master = master;
    int count = device.kind() == Device.Kind.CPU ? Native.threads() : 1;
    this.workers = Stream.generate(() -> new Worker(config, device, dtype)).limit(count).toList();
  }

  /** Random weights: matrices normal with deviation {@code initializer_range}, norms neutral, biases zero. The seed decides every bit. */
  public static Policy random(ModelConfig config, long seed, Device device, DType dtype) {
    Weights weights = Weights.zeros(new Layout(config), dtype.master(), device.usable());
    long number = 0;
    for (Layout.Slot slot : weights.layout().slots()) {
      number++;
      try (var scope = Scope.open("random")) {
        Tensor view = weights.view(slot.name());
        switch (slot.init()) {
          case ZEROS -> { }
          case ONES -> view.fill_(new Scalar(1.0));
          case NORMAL -> {
            // Drawn on the CPU in fp32 whatever the device, so that a seed means the same weights everywhere.
            Tensor drawn = Native.empty(torch.ScalarType.Float, Device.CPU, slot.shape());
            long stream = seed * 0x9E3779B97F4A7C15L + number * 0xD1B54A32D192ED03L;
            drawn.normal_(0, config.initializerRange(), new GeneratorOptional(torch.make_generator_cpu(stream)));
            view.copy_(drawn);
          }
        }
      }
    }
    return new Policy(config, weights, device, dtype);
  }

  /**
   * Loads a checkpoint in Hugging Face's layout, weights stored in fp32, bf16 or fp16, in one file or several; or an adapter in PEFT's, merged
   * into the model it names.
   *
   * @throws IllegalArgumentException naming file and tensor or key, if the folder does not hold a model this engine computes
   */
  public static Policy load(Path dir, Device device, DType dtype) throws IOException {
    device.usable();
    Path base = Adapter.base(dir);
    if (base != null) return adapted(base, dir, device, dtype);
    ModelConfig config = ModelConfig.read(dir);
    Policy policy = new Policy(config, Checkpoint.read(dir, config, layout -> Weights.zeros(layout, dtype.master(), device)), device, dtype);
    policy.generation = ConfigFile.generation(dir);
    return policy;
  }

  /**
   * Loads a checkpoint that will score and sample and never be trained: matrices in the type they compute in and nowhere else, so that bf16
   * takes half of fp32's memory. An adapter needs the wide weights to be merged and is loaded as by {@link #load}.
   */
  public static Policy frozen(Path dir, Device device, DType dtype) throws IOException {
    device.usable();
    if (!dtype.mixed() || Adapter.base(dir) != null) return load(dir, device, dtype);
    ModelConfig config = ModelConfig.read(dir);
    Weights weights = Checkpoint.read(dir, config, layout -> Weights.zeros(layout, dtype.compute(), dtype.master(), device));
    Policy policy = new Policy(config, weights, device, dtype);
    policy.narrow = weights.withVectors(dtype.compute());
    policy.narrowStale = false;
    policy.generation = ConfigFile.generation(dir);
    return policy;
  }

  /** Where a file of a checkpoint lies: in its folder or, for an adapter that comes without it, in that of the model the adapter belongs to. */
  public static Path folder(Path dir, String file) throws IOException {
    Path base = Files.exists(dir.resolve(file)) ? null : Adapter.base(dir);
    return base == null ? dir : base;
  }

  private static Policy adapted(Path base, Path adapter, Device device, DType dtype) throws IOException {
    Policy policy = load(base, device, dtype);
    try {
      policy.loadAdapter(adapter);
      policy.merge();
      return policy;
    } catch (IOException | RuntimeException e) {
      policy.close();
      throw e;
    }
  }

  /** Writes configuration and master weights (fp32), each file complete or not at all; what was trained is what is saved. */
  public void save(Path dir) throws IOException {
    save(dir, dtype == DType.FP64 ? DType.FP64 : DType.FP32);
  }

  /** Writes configuration and weights in the given type: {@code BF16} halves the files and rounds. */
  public synchronized void save(Path dir, DType type) throws IOException {
    open();
    Checkpoint.save(dir, master, type.compute());
    ConfigFile.write(config, dir, Checkpoint.configName(type.compute()), generation);
  }

  public ModelConfig config() {
    return config;
  }

  public Device device() {
    return device;
  }

  public DType dtype() {
    return dtype;
  }

  /** Number of weights that compute for one token: all but those of the experts it is not sent to. */
  public long activeParameters() {
    ModelConfig.Experts e = config.experts();
    if (e == null) return parameters();
    return parameters() - 3L * config.routedLayers() * (e.count() - e.active()) * e.intermediateSize() * config.hiddenSize();
  }

  /** Number of weights; a tied head counts once. */
  public long parameters() {
    return layout.parameters();
  }

  /**
   * Keeps only each layer's input for the backward pass and computes the rest again: about a third more time, for long rows and large
   * models a fraction of the memory. The gradients are the same bits.
   */
  public synchronized void checkpointing(boolean on) {
    checkpointing = on;
  }

  /** Weights as trained: fp32, or fp64 in proofs; of a frozen policy only norms and biases are. For the rooms of this module. */
  public Weights master() {
    open();
    return master;
  }

  /** Weights as matrix products take them: the master weights, or their rounding to the policy's type, made anew after a change. */
  public synchronized Weights weights() {
    open();
    if (!dtype.mixed()) return master;
    if (narrow == null) narrow = Weights.zeros(layout, dtype.compute(), device);
    if (narrowStale) {
      try (var scope = Scope.open("narrow weights")) {
        narrow.flat().copy_(master.flat());
      }
      narrowStale = false;
    }
    return narrow;
  }

  /** What is in the gradients' memory. */
  private enum Held { ZEROS, SUMS, LENT, REMAINS }

  /** Gradients of the master weights; zeros until {@link #backward} adds to them. */
  Weights gradients() {
    open();
    mustBeTrainable();
    if (gradients == null) gradients = Weights.zeros(layout, dtype.master(), device);
    if (held == Held.LENT || held == Held.REMAINS) clearGradients();
    return gradients;
  }

  /**
   * The memory of gradients that are zero, until {@link #takeBack}: sampling and training alternate, so what one needs and the other does not
   * can lie in one place. Null where there are no gradients yet, they hold sums or they are lent already.
   */
  public synchronized @Nullable Tensor lend() {
    if (gradients == null || held == Held.SUMS || held == Held.LENT) return null;
    held = Held.LENT;
    return gradients.flat();
  }

  /** Ends a loan; whatever was left there is gone with the next gradients. */
  public synchronized void takeBack() {
    held = Held.REMAINS;
  }

  /** What an optimizer of this policy updates: all weights, or the adapter's. */
  Trainable trainable() {
    open();
    return adapter == null ? whole : adapter;
  }

  /** All weights of the policy. */
  private final class Whole implements Trainable {
    @Override public Tensor weights() {
      return master.flat();
    }

    @Override public Tensor gradients() {
      return Policy.this.gradients().flat();
    }

    @Override public long decayedSize() {
      return layout.decayedSize();
    }

    @Override public long parameters() {
      return layout.parameters();
    }

    @Override public String discardGradients() {
      String name = "unknown";
      for (Layout.Slot slot : layout.slots()) {
        try (var scope = Scope.open("find")) {
          if (!torch.isfinite(Policy.this.gradients().view(slot.name())).all().item_bool()) {
            name = slot.parts().getFirst().name();
            break;
          }
        }
      }
      clearGradients();
      return name;
    }

    @Override public void changed() {
      held = Held.ZEROS;
      Policy.this.changed();
    }
  }

  /**
   * Freezes the weights and trains a low-rank adapter from now on; to be called before an optimizer is made. Starts as the model is.
   *
   * @param seed decides the factors' start
   */
  public synchronized void attach(Lora lora, long seed) {
    open();
    mustBeTrainable();
    if (adapter != null) throw new IllegalStateException("this policy already has an adapter; merge it first");
    adapter = new Adapter(this, lora, seed);
  }

  /** Attaches an adapter from PEFT's {@code adapter_config.json} and {@code adapter_model.safetensors}. */
  public synchronized void loadAdapter(Path dir) throws IOException {
    attach(Adapter.read(dir), 0);
    try {
      adapter.load(dir);
    } catch (IOException | RuntimeException e) {
      adapter.close();
      adapter = null;
      throw e;
    }
  }

  /**
   * Writes the adapter in PEFT's layout; {@link #save} writes the whole model with the adapter merged.
   *
   * @param base where the adapted model is, for whoever loads the adapter; empty if it is nowhere
   */
  public synchronized void saveAdapter(Path dir, String base) throws IOException {
    open();
    if (adapter == null) throw new IllegalStateException("this policy has no adapter");
    adapter.save(dir, base);
  }

  /** Makes the adapter part of the weights, all of which can be trained again; optimizers made before are of no more use. */
  public synchronized void merge() {
    open();
    if (adapter == null) throw new IllegalStateException("this policy has no adapter");
    adapter.close();
    adapter = null;
  }

  /** To be called by whoever wrote to the master weights. */
  void changed() {
    narrowStale = true;
    version++;
  }

  /** Grows whenever the weights have changed, for whoever keeps something made from them. */
  public long version() {
    return version;
  }

  /** Log-probabilities and entropies of the trained tokens under softmax(logits / temperature); nothing is kept. */
  public synchronized Scores score(TokenRows rows, double temperature) {
    check(rows, temperature);
    int count = rows.trainedTokens();
    Scores scores = new Scores(new double[count], new double[count]);
    Weights compute = weights();
    each("score", plan(rows, all(count)), (worker, batch) -> worker.score(master, compute, batch, temperature, scores));
    return scores;
  }

  /** The k likeliest tokens and the hidden state at every trained token, under softmax(logits / temperature); nothing is kept. */
  public synchronized Details details(TokenRows rows, double temperature, int k) {
    check(rows, temperature);
    int width = Math.min(k, config.vocabSize()), d = config.hiddenSize(), count = rows.trainedTokens();
    var details = new Details(width, new int[count * width], new double[count * width], d, new double[count * d]);
    Weights compute = weights();
    each("details", plan(rows, all(count)), (worker, batch) -> worker.details(master, compute, batch, temperature, details));
    return details;
  }

  /**
   * Log-probabilities of other tokens in the places of the trained ones.
   *
   * @param tokens [T · k] ids
   * @return [T · k], nats
   */
  public synchronized double[] logpAt(TokenRows rows, double temperature, int[] tokens, int k) {
    check(rows, temperature);
    double[] logp = new double[tokens.length];
    Weights compute = weights();
    each("logp at", plan(rows, all(rows.trainedTokens())),
        (worker, batch) -> worker.logpAt(master, compute, batch, temperature, tokens, k, logp));
    return logp;
  }

  /**
   * KL(π ‖ π°) of whole distributions at the trained tokens, both under softmax(logits / temperature), nats.
   *
   * @param other the policy π°, of the same vocabulary
   */
  public synchronized double[] divergence(TokenRows rows, double temperature, Policy other) {
    check(rows, temperature);
    comparable(rows, temperature, other);
    double[] divergence = new double[rows.trainedTokens()];
    Weights compute = weights(), others = other.weights();
    each("divergence", plan(rows, all(divergence.length)),
        (worker, batch) -> worker.divergence(master, compute, batch, temperature, other.beside(batch, others), divergence));
    return divergence;
  }

  private void comparable(TokenRows rows, double temperature, Policy other) {
    if (other == this) throw new IllegalArgumentException("a policy's divergence is measured from another policy; take a copy()");
    if (other.config.vocabSize() != config.vocabSize()) {
      throw new IllegalArgumentException("distributions over %d tokens cannot be compared with distributions over %d".formatted(
          config.vocabSize(), other.config.vocabSize()));
    }
    other.check(rows, temperature);
  }

  /** What computes this policy's side of a divergence on the thread of that micro-batch. */
  private Worker.Other beside(MicroBatch batch, Weights compute) {
    return new Worker.Other(workers.get(batch.number() % workers.size()), master, compute);
  }

  private static boolean[] all(int count) {
    boolean[] wanted = new boolean[count];
    Arrays.fill(wanted, true);
    return wanted;
  }

  /**
   * Adds the gradient of a loss to the weights' gradients, the loss being known by its derivatives.
   *
   * @param dlogp dL/d ln π of each trained token, flat in row order
   * @param dentropy dL/dH of each, or null
   */
  public synchronized void backward(TokenRows rows, double temperature, double[] dlogp, double @Nullable [] dentropy) {
    backward(rows, temperature, dlogp, dentropy, null);
  }

  /**
   * A loss that knows its derivative by a divergence, too.
   *
   * @param other π°, the policy that {@link #divergence} is measured from; a constant
   * @param derivative dL/dKL of each trained token, flat in row order
   */
  public record Divergence(Policy other, double[] derivative) {}

  /** {@link #backward(TokenRows, double, double[], double[])} of a loss that has a divergence in it, or none where that is null. */
  public synchronized void backward(TokenRows rows, double temperature, double[] dlogp, double @Nullable [] dentropy, @Nullable Divergence divergence) {
    check(rows, temperature);
    if (divergence != null) comparable(rows, temperature, divergence.other);
    double[] ddivergence = divergence == null ? null : divergence.derivative;
    List<MicroBatch> plan = plan(rows, wanted(rows, dlogp, dentropy, ddivergence));
    Weights others = divergence == null ? null : divergence.other.weights();
    Weights compute = weights(), into = gradients();
    held = Held.SUMS;
    Trunk.Keep keep = checkpointing ? Trunk.Keep.INPUTS : Trunk.Keep.ALL;
    int[] chunks = plan.stream().mapToInt(batch -> Head.additions(batch.targets().length, config.vocabSize(), dtype.mixed())).toArray();
    Turns.Of[] turns = Turns.plan(chunks, workers.size(), config.tied());
    each("backward", plan, (worker, batch) -> {
      Turns.Of own = turns[batch.number()];
      try {
        worker.backward(master, compute, into, batch, temperature, dlogp, dentropy, ddivergence,
            divergence == null ? null : divergence.other.beside(batch, others), keep, own);
      } catch (RuntimeException | Error e) {
        own.turns().abandon();
        throw e;
      }
    });
  }

  private List<MicroBatch> plan(TokenRows rows, boolean[] wanted) {
    return MicroBatch.plan(rows, wanted, budget(rows), workers.size(), config.experts() == null && device.kind() == Device.Kind.CPU ? STEP : 1);
  }

  /**
   * Computes micro-batches on all threads, worker i every one whose number leaves i. Each thread computes alone: two halves of a product
   * meet at its end, two micro-batches only at the end of all.
   */
  private void each(String name, List<MicroBatch> plan, BiConsumer<Worker, MicroBatch> work) {
    if (workers.size() == 1 || plan.size() == 1) {
      plan.forEach(batch -> run(name, workers.getFirst(), batch, work));
      return;
    }
    Team.shared().runAlone(part -> {
      for (int i = part; i < plan.size(); i += workers.size()) run(name, workers.get(part), plan.get(i), work);
    });
  }

  private static void run(String name, Worker worker, MicroBatch batch, BiConsumer<Worker, MicroBatch> work) {
    try (var scope = Scope.open(name)) {
      work.accept(worker, batch);
    }
  }

  /** Tokens whose coefficients are both zero cost nothing. */
  private static boolean[] wanted(TokenRows rows, double[] dlogp, double @Nullable [] dentropy, double @Nullable [] ddivergence) {
    int count = rows.trainedTokens();
    if (dlogp.length != count || (dentropy != null && dentropy.length != count) || (ddivergence != null && ddivergence.length != count)) {
      throw new IllegalArgumentException("%d trained tokens but %d entries in dlogp, %s in dentropy and %s in the divergence's derivative".formatted(
          count, dlogp.length, dentropy == null ? "none" : dentropy.length, ddivergence == null ? "none" : ddivergence.length));
    }
    boolean[] wanted = new boolean[count];
    for (int i = 0; i < count; i++) {
      double h = dentropy == null ? 0 : dentropy[i], k = ddivergence == null ? 0 : ddivergence[i];
      if (!Double.isFinite(dlogp[i]) || !Double.isFinite(h) || !Double.isFinite(k)) {
        throw new IllegalArgumentException("trained token %d has dlogp %s, dentropy %s and a divergence's derivative of %s; all must be finite"
            .formatted(i, dlogp[i], h, k));
      }
      wanted[i] = dlogp[i] != 0 || h != 0 || k != 0;
    }
    return wanted;
  }

  /** @throws IllegalArgumentException naming row and position of what this policy cannot score */
  public void check(TokenRows rows, double temperature) {
    open();
    if (!(temperature > 0) || temperature == Double.POSITIVE_INFINITY) {
      throw new IllegalArgumentException("temperature must be above 0 and finite, got " + temperature);
    }
    for (int r = 0; r < rows.tokens().length; r++) {
      int[] row = rows.tokens()[r];
      Routes routes = rows.routes() == null ? null : rows.routes()[r];
      if (routes != null) routes.check(config, "row " + r);
      if (row.length > config.maxPositions()) {
        throw new IllegalArgumentException("row %d has %d tokens; max_position_embeddings is %d".formatted(
            r, row.length, config.maxPositions()));
      }
      for (int t = 0; t < row.length; t++) {
        if (row[t] < 0 || row[t] >= config.vocabSize()) {
          throw new IllegalArgumentException("row %d, position %d: token id %d is outside the vocabulary of %d".formatted(
              r, t, row[t], config.vocabSize()));
        }
      }
    }
  }

  /**
   * Positions of one micro-batch: activations of about 256 MB over all threads, enough for products to be efficient and a prompt to be shared
   * by eight answers, and no more: what is small stays in the caches.
   */
  private int budget(TokenRows rows) {
    int longest = Arrays.stream(rows.tokens()).mapToInt(row -> row.length).max().orElse(0);
    long size = dtype.mixed() ? 2 : 4;
    long perPosition = size * (3L * config.hiddenSize() + config.qkvRows() + (long) config.heads() * config.headDim()
        + 2L * config.intermediateSize()) * (checkpointing ? 1 : config.layers());
    return (int) Math.clamp((256L << 20) / workers.size() / perPosition, 288, Math.clamp(8L * longest, 1024, 4096));
  }

  /** Sets all gradients to zero. */
  public synchronized void clearGradients() {
    open();
    if (gradients == null) return;
    if (held == Held.LENT) throw new IllegalStateException("a generator of this policy is sampling; gradients have to wait for it");
    try (var scope = Scope.open("clear gradients")) {
      gradients.flat().zero_();
    }
    held = Held.ZEROS;
  }

  /** The gradient of one tensor of the Hugging Face checkpoint, row-major, for tests and diagnosis. */
  public synchronized double[] gradient(String tensor) {
    return part(gradients(), tensor);
  }

  /** One tensor of the Hugging Face checkpoint, row-major, for tests and diagnosis. */
  public synchronized double[] weight(String tensor) {
    return part(master(), tensor);
  }

  private static double[] part(Weights weights, String tensor) {
    for (Layout.Slot slot : weights.layout().slots()) {
      for (Layout.Part part : slot.parts()) {
        if (part.name().equals(tensor)) return part(weights, slot, part);
      }
    }
    throw new IllegalArgumentException("no tensor '" + tensor + "' in this model");
  }

  /** Adds to one weight, for tests. */
  synchronized void nudge(String tensor, int index, double by) {
    for (Layout.Slot slot : layout.slots()) {
      for (Layout.Part part : slot.parts()) {
        if (!part.name().equals(tensor)) continue;
        long row = index / slot.rowSize();
        Layout.Block block = part.blocks().stream().filter(b -> row >= b.from() && row < b.from() + b.rows()).findFirst().orElseThrow();
        try (var scope = Scope.open("nudge")) {
          master.flat().narrow(0, slot.offset() + (row - block.from() + block.to()) * slot.rowSize() + index % slot.rowSize(), 1)
              .add_(new Scalar(by));
        }
        changed();
        return;
      }
    }
    throw new IllegalArgumentException("no tensor '" + tensor + "' in this model");
  }

  private static double[] part(Weights weights, Layout.Slot slot, Layout.Part part) {
    double[] values = new double[(int) Arrays.stream(part.shape()).reduce(1, (a, b) -> a * b)];
    try (var scope = Scope.open("part")) {
      Tensor rows = weights.view(slot.name()).view(-1, slot.rowSize());
      for (Layout.Block block : part.blocks()) {
        double[] piece = Native.toDoubles(rows.narrow(0, block.to(), block.rows()));
        System.arraycopy(piece, 0, values, Math.toIntExact(block.from() * slot.rowSize()), piece.length);
      }
    }
    return values;
  }

  /** Names of all tensors of the Hugging Face checkpoint. */
  public List<String> tensors() {
    List<String> names = new java.util.ArrayList<>();
    for (Layout.Slot slot : layout.slots()) slot.parts().forEach(part -> names.add(part.name()));
    return names;
  }

  /** A policy of its own with the same weights: a reference, an average or an old version. */
  public synchronized Policy copy() {
    open();
    Policy copy = new Policy(config, Weights.zeros(layout, dtype.master(), device), device, dtype);
    copy.copyFrom(this);
    copy.generation = generation;
    return copy;
  }

  /** Takes over another policy's weights, bit for bit. */
  public synchronized void copyFrom(Policy other) {
    lerp(other, 1);
  }

  /** Moves towards another policy's weights: w ← w + share·(other − w); share 1 copies. */
  public synchronized void lerp(Policy other, double share) {
    open();
    other.open();
    if (!other.config.withMaxPositions(1).equals(config.withMaxPositions(1))) {
      throw new IllegalArgumentException("weights can only be taken from a policy of the same shape: %s and %s".formatted(
          other.config, config));
    }
    if (adapter != null) throw new IllegalStateException("weights under an adapter are frozen; merge it first");
    if (!(share >= 0 && share <= 1)) throw new IllegalArgumentException("share must be in [0, 1], got " + share);
    try (var scope = Scope.open("lerp")) {
      if (share == 1) master.flat().copy_(other.master.flat());
      else master.flat().lerp_(other.master.flat(), new Scalar(share));
    }
    changed();
  }

  /** Gives the buffers of scoring and training back to the system; the next step takes them anew. */
  public synchronized void trim() {
    workers.forEach(Worker::trim);
  }

  /** A frozen policy has no wide weights, and says so. */
  private void mustBeTrainable() {
    master.flat();
  }

  private void open() {
    if (closed) throw new IllegalStateException("this policy is closed");
  }

  @Override public synchronized void close() {
    open();
    closed = true;
    workers.forEach(Worker::close);
    if (adapter != null) adapter.close();
    if (gradients != null) gradients.close();
    if (narrow != null) narrow.close();
    master.close();
  }
}
