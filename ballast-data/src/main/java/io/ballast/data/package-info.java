/**
 * Files and SQL into tasks. Read {@link io.ballast.data.DataSettings} first, then {@link io.ballast.data.FileTasks}, which makes a task
 * family of them; {@link io.ballast.data.Rows} reads any file row by row.
 */
@NullMarked
package io.ballast.data;

import org.jspecify.annotations.NullMarked;
