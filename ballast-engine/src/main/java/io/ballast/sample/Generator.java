package io.ballast.sample;

import io.ballast.model.ModelConfig;
import io.ballast.model.Policy;
import io.ballast.model.Scores;
import io.ballast.model.TokenRows;
import io.ballast.tensor.Device;
import io.ballast.tensor.Team;
import io.ballast.tensor.Threads;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Writes answers with a policy's current weights.
 *
 * <p>A prompt is computed once for all its samples. Samples are decoded together, a row each; one that ends leaves the batch at once and
 * the next waiting one takes its place. Long prompts are computed in chunks beside the samples under way. Random numbers belong to
 * (seed, key, sample, position), see {@link Uniforms}: what else is in the batch never changes them.
 *
 * <p>Weights are read from the policy at every call, so a step of the optimizer between two calls needs no telling; during a call the
 * policy must not change. Owns native memory (keys and values) and threads: close it.
 */
public final class Generator implements AutoCloseable {
  private final Policy policy;
  private final ModelConfig config;
  private final Limits limits;
  private final KvCache cache;
  private final Team team;
  private final Decoder decoder;
  private final Rows rows;
  private final TokenSampler[] samplers;
  private boolean closed;

  public Generator(Policy policy) {
    this(policy, Limits.DEFAULT);
  }

  /** @throws IllegalArgumentException if sampling does not support the policy's type */
  public Generator(Policy policy, Limits limits) {
    this(policy, limits, policy.device().kind() == Device.Kind.CPU ? ArrayDecoder::new : TensorDecoder::new);
  }

  /** Computes with the decoder given, wherever the policy is. */
  Generator(Policy policy, Limits limits, Decoder.Maker maker) {
    this.policy = policy;
    this.config = policy.config();
    this.limits = limits;
    team = Team.shared();
    rows = new Rows(limits.sequences() + limits.prefill());
    decoder = maker.make(policy, team, rows.capacity);
    cache = decoder.cache();
    samplers = new TokenSampler[team.size()];
    for (int i = 0; i < samplers.length; i++) samplers[i] = new TokenSampler();
  }

  /**
   * Writes all samples of all requests; returned in order of request, then of sample.
   *
   * @throws IllegalArgumentException naming request and position of a token outside the vocabulary, or a request the model is too short for
   */
  public synchronized List<Completion> generate(List<Request> requests, Sampling sampling, @Nullable ProgressListener listener) {
    if (closed) throw new IllegalStateException("this generator is closed");
    for (int i = 0; i < requests.size(); i++) check(i, requests.get(i));
    Threads.one();
    try {
      decoder.refresh(sampling.numerics());
      return new Run(requests, sampling).run(listener);
    } finally {
      decoder.rest();
      Threads.all();
    }
  }

  private void check(int index, Request request) {
    long longest = (long) request.prompt().length + request.maxNew();
    if (longest > config.maxPositions()) {
      throw new IllegalArgumentException("request %d: a prompt of %d tokens and %d new ones are more than max_position_embeddings %d"
          .formatted(index, request.prompt().length, request.maxNew(), config.maxPositions()));
    }
    tokens("request " + index + ": prompt", request.prompt());
    for (int i = 0; i < request.begun().size(); i++) tokens("request %d: begun sample %d".formatted(index, i), request.begun(i));
  }

  private void tokens(String what, int[] tokens) {
    for (int t = 0; t < tokens.length; t++) {
      if (tokens[t] < 0 || tokens[t] >= config.vocabSize()) {
        throw new IllegalArgumentException("%s, position %d: token id %d is outside the vocabulary of %d".formatted(
            what, t, tokens[t], config.vocabSize()));
      }
    }
  }

  /**
   * Log-probabilities and entropies of given tokens under softmax(logits / temperature), computed by the kernels that sample: with
   * {@link Numerics#EXACT} they are, bit for bit, those the tokens were sampled with. {@link Policy#score} is faster and agrees within
   * rounding (1e-5 in fp32).
   */
  public synchronized Scores score(TokenRows of, double temperature, Numerics numerics) {
    if (closed) throw new IllegalStateException("this generator is closed");
    policy.check(of, temperature);
    Threads.one();
    try {
      decoder.refresh(numerics);
      return new RowScorer(rows, cache, decoder, samplers, config.vocabSize()).score(of, temperature, numerics);
    } finally {
      decoder.rest();
      Threads.all();
    }
  }

  /** Bytes of keys and values and of work arrays held now. */
  public long bytes() {
    return decoder.bytes();
  }

  /** One call of {@link #generate}. */
  private final class Run {
    private final Sampling sampling;
    private final List<PromptGroup> groups = new ArrayList<>();
    private final List<Lane> lanes = new ArrayList<>();
    private final List<Completion> done = new ArrayList<>();
    private final Object[] slots = new Object[rows.capacity];
    private final int samples;
    private int nextGroup;
    private long held;
    private long finishedTokens;

    Run(List<Request> requests, Sampling sampling) {
      this.sampling = sampling;
      int count = 0;
      for (int i = 0; i < requests.size(); i++) {
        groups.add(new PromptGroup(i, requests.get(i)));
        count += requests.get(i).samples();
      }
      samples = count;
    }

    List<Completion> run(@Nullable ProgressListener listener) {
      try {
        boolean goOn = true;
        while (goOn && done.size() < samples) {
          admit();
          fill();
          if (rows.count > 0) decoder.forward(rows, sampling.numerics(), this::accept);
          drawFirst();
          leave();
          if (listener != null) goOn = listener.progress(tokens(), done.size(), samples);
        }
      } finally {
        interrupt(); // gives the cache back, also where a pass failed
      }
      done.sort(Comparator.comparingInt(Completion::request).thenComparingInt(Completion::sample));
      return done;
    }

    private long tokens() {
      long tokens = finishedTokens;
      for (Lane lane : lanes) tokens += lane.written();
      return tokens;
    }

    /** Lets waiting samples in while there is room; one is always let in. */
    private void admit() {
      while (nextGroup < groups.size() && lanes.size() < limits.sequences()) {
        PromptGroup group = groups.get(nextGroup);
        Request request = group.request();
        long needed = cache.size(request.maxNew()) + (group.open() ? 0 : cache.size(request.prompt().length));
        if (!lanes.isEmpty() && held + needed > limits.cacheBytes()) return;
        held += needed;
        KvCache.Block shared = group.block(cache);
        lanes.add(new Lane(group, group.start(), cache.take(shared, request.prompt().length, request.maxNew()), config.layers()));
        if (group.allStarted()) nextGroup++;
      }
    }

    /** Puts together the next pass: a token of every sample under way, then prompts and begun answers up to the limit. */
    private void fill() {
      rows.clear();
      for (Lane lane : lanes) if (lane.written() > 0) remember(lane.feed(rows, 1), lane);
      int room = Math.min(rows.free(), limits.prefill());
      int before = rows.count;
      for (Lane lane : lanes) {
        int left = room - (rows.count - before);
        if (left <= 0) break;
        if (!lane.group.fed()) remember(lane.group.feed(rows, left), lane.group);
        else if (lane.written() == 0 && lane.begun.length > 0 && lane.group.logits() != null) remember(lane.feed(rows, left), lane);
      }
    }

    private void remember(int slot, Object who) {
      if (slot >= 0) slots[slot] = who;
    }

    private void accept(int part, int slot, float[] logits, int at) {
      switch (slots[slot]) {
        case Lane lane -> lane.draw(samplers[part], logits, at, config.vocabSize(), sampling);
        case PromptGroup group -> group.logits(logits, at, config.vocabSize());
        default -> throw new IllegalStateException("no owner of slot " + slot);
      }
    }

    /** First tokens come from the prompt's logits, the same for the whole group. */
    private void drawFirst() {
      List<Lane> fresh = lanes.stream().filter(lane -> lane.fresh() && lane.group.logits() != null).toList();
      if (fresh.isEmpty()) return;
      team.run(part -> {
        for (int i = part; i < fresh.size(); i += team.size()) {
          Lane lane = fresh.get(i);
          lane.draw(samplers[part], lane.group.logits(), 0, config.vocabSize(), sampling);
        }
      });
    }

    private void leave() {
      for (Lane lane : lanes) if (lane.done()) release(lane);
      lanes.removeIf(Lane::done);
    }

    private void release(Lane lane) {
      done.add(lane.completion());
      finishedTokens += lane.written();
      cache.give(lane.block);
      held -= cache.size(lane.group.request().maxNew());
      lane.group.end(cache);
      if (!lane.group.open()) held -= cache.size(lane.group.request().prompt().length);
    }

    private void interrupt() {
      for (Lane lane : lanes) release(lane);
      lanes.clear();
      for (PromptGroup group : groups) {
        while (!group.allStarted()) {
          int sample = group.request().firstSample() + group.start();
          done.add(new Completion(group.index(), sample, new int[0], new float[0], new float[0], Finish.INTERRUPTED, null));
          if (group.open()) group.end(cache);
        }
      }
    }
  }

  @Override public synchronized void close() {
    if (closed) return;
    closed = true;
    decoder.close();
  }
}
