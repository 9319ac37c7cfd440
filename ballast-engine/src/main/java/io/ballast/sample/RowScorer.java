package io.ballast.sample;

import io.ballast.model.Scores;
import io.ballast.model.TokenRows;
import java.util.ArrayList;
import java.util.List;

/**
 * Log-probabilities of given tokens through the decoder that samples, rows fed like prompts. In the exact configuration a token's bits
 * are those it was sampled with.
 */
final class RowScorer {
  private final Rows rows;
  private final KvCache cache;
  private final Decoder decoder;
  private final TokenSampler[] samplers;
  private final int vocabulary;
  private final int[] flat;
  private final int[] target;
  private final List<KvCache.Block> ended = new ArrayList<>();

  RowScorer(Rows rows, KvCache cache, Decoder decoder, TokenSampler[] samplers, int vocabulary) {
    this.rows = rows;
    this.cache = cache;
    this.decoder = decoder;
    this.samplers = samplers;
    this.vocabulary = vocabulary;
    flat = new int[rows.capacity];
    target = new int[rows.capacity];
  }

  Scores score(TokenRows of, double temperature, Numerics numerics) {
    int count = of.trainedTokens();
    Scores scores = new Scores(new double[count], new double[count]);
    int next = 0;
    rows.clear();
    for (int r = 0; r < of.tokens().length; r++) {
      int[] tokens = of.tokens()[r];
      boolean[] trained = of.trained()[r];
      int last = last(trained);
      if (last == 0) continue;
      KvCache.Block block = cache.take(null, 0, last);
      if (of.routes() != null && of.routes()[r] != null) block.replay(of.routes()[r]);
      for (int t = 0; t < last; t++) {
        if (rows.free() == 0) pass(scores, temperature, numerics);
        int slot = rows.add(tokens[t], t, block, trained[t + 1]);
        if (slot < 0) continue;
        flat[slot] = next++;
        target[slot] = tokens[t + 1];
      }
      ended.add(block);
    }
    if (rows.count > 0) pass(scores, temperature, numerics);
    return scores;
  }

  private static int last(boolean[] trained) {
    int last = trained.length - 1;
    while (last > 0 && !trained[last]) last--;
    return last;
  }

  private void pass(Scores scores, double temperature, Numerics numerics) {
    decoder.forward(rows, numerics, (part, slot, logits, at) -> {
      TokenSampler sampler = samplers[part];
      scores.logp()[flat[slot]] = sampler.score(logits, at, vocabulary, target[slot], temperature, numerics);
      scores.entropy()[flat[slot]] = sampler.entropy();
    });
    rows.clear();
    ended.forEach(cache::give);
    ended.clear();
  }
}
