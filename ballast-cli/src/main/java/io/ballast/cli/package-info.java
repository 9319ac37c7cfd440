/** The command {@code ballast}: verbs, exit statuses, and nothing that belongs elsewhere. Read {@link io.ballast.cli.Main} first. */
@NullMarked
package io.ballast.cli;

import org.jspecify.annotations.NullMarked;
