package io.ballast.text.jinja;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The one value whose attributes {@code set} may change: it carries results out of loops. */
final class Namespace {
  final Map<String, @Nullable Object> values = new LinkedHashMap<>();
}
