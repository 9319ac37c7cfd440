package io.ballast.sample;

/** The gate of an MLP: active = g / (1 + e^(−z)) · up, where SiLU has z = g and the tanh form of GeLU z = 2√(2/π) (g + 0.044715 g³). */
enum Gate {
  SILU {
    @Override void exponents(float[] gate, int at, int width, float[] to, int atTo) {
      for (int i = 0; i < width; i++) to[atTo + i] = -gate[at + i];
    }
  },
  GELU_TANH {
    @Override void exponents(float[] gate, int at, int width, float[] to, int atTo) {
      final float slope = (float) (2 * Math.sqrt(2 / Math.PI));
      for (int i = 0; i < width; i++) {
        float g = gate[at + i];
        to[atTo + i] = -slope * (g + 0.044715f * g * g * g);
      }
    }
  };

  /** Writes −z. */
  abstract void exponents(float[] gate, int at, int width, float[] to, int atTo);

  /** active [width] from [gate, up], 2 · width numbers at {@code at}. */
  void apply(float[] gateUp, int at, int width, float[] active, int atActive, Numerics numerics) {
    if (this == SILU && numerics == Numerics.FAST && Simd.available()) {
      Vectors.silu(gateUp, at, width, active, atActive);
      return;
    }
    exponents(gateUp, at, width, active, atActive);
    Exp.inPlace(active, atActive, width, numerics);
    for (int i = 0; i < width; i++) {
      active[atActive + i] = gateUp[at + i] / (1 + active[atActive + i]) * gateUp[at + width + i];
    }
  }
}
