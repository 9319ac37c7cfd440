/** Checks structured output against JSON Schema. Read {@link io.ballast.checkers.schema.SchemaVerifier} first. */
@NullMarked
package io.ballast.checkers.schema;

import org.jspecify.annotations.NullMarked;
