package io.ballast.cli;

import io.ballast.model.Policy;
import io.ballast.tensor.DType;
import io.ballast.tensor.Device;
import io.ballast.text.Tokenizer;
import io.ballast.text.Tokenizers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which checkpoint, and how it computes. */
final class ModelOptions {

  @Option(names = "--model", paramLabel = "DIR", description = "A checkpoint in Hugging Face layout, for example runs/NAME/checkpoints/step-200/model.")
  @Nullable Path model;

  @Option(names = "--device", paramLabel = "D", description = "cpu or cuda (default: cpu).")
  String device = "cpu";

  @Option(names = "--dtype", paramLabel = "T", description = "fp32 or bf16 (default: fp32).")
  String dtype = "fp32";

  @Option(names = "--threads", paramLabel = "N", description = "Processor threads (default: all cores).")
  @Nullable Integer threads;

  Path folder() {
    if (model == null) throw new RequestException("--model DIR is missing: the folder of a checkpoint");
    if (!Files.isDirectory(model)) throw new RequestException("--model %s %s".formatted(model, Files.exists(model) ? "is not a folder" : "does not exist"));
    return model;
  }

  /** The folder a file of the checkpoint is in: an adapter may leave it to its model. */
  Path folder(String file) {
    Path folder = folder();
    try {
      return Policy.folder(folder, file);
    } catch (IllegalArgumentException | IOException e) {
      throw new RequestException("the model in %s cannot be loaded: %s".formatted(folder, e.getMessage()));
    }
  }

  Policy policy() {
    Path folder = folder();
    if (threads != null) {
      if (threads < 1) throw new RequestException("--threads must be at least 1, got " + threads);
      System.setProperty("ballast.threads", threads.toString());
    }
    Device on = device();
    try {
      return Policy.frozen(folder, on, DType.parse(dtype));
    } catch (IllegalArgumentException | IOException e) {
      throw new RequestException("the model in %s cannot be loaded: %s".formatted(folder, e.getMessage()));
    }
  }

  private Device device() {
    try {
      return Device.parse(device).usable();
    } catch (IllegalArgumentException e) {
      throw new RequestException(e.getMessage());
    }
  }

  /** @param required false where a checkpoint without tokenizer will do: then the answer is null */
  @Nullable Tokenizer tokenizer(boolean required) {
    Path folder = folder("tokenizer.json");
    if (!required && !Files.exists(folder.resolve("tokenizer.json"))) return null;
    try {
      return Tokenizers.read(folder);
    } catch (IllegalArgumentException | IOException e) {
      throw new RequestException("the tokenizer in %s cannot be loaded: %s".formatted(folder, e.getMessage()));
    }
  }
}
