package dev.edgestyle.kit.core

import java.util.concurrent.Executor

/**
 * Runs one task at a time, and of those that wait only the newest: a slider that moves 60 times a second asks for as many
 * pictures as the phone can draw.
 *
 * @param executor what tasks run on.
 */
class LatestTask(private val executor: Executor) {
    private var waiting: Runnable? = null
    private var running = false

    /** Run [task] now, or after the one that runs, in place of the one that waits. */
    @Synchronized
    fun submit(task: Runnable) {
        waiting = task
        if (!running) {
            running = true
            executor.execute(::runAll)
        }
    }

    /** Forget the task that waits. */
    @Synchronized
    fun cancel() {
        waiting = null
    }

    private fun runAll() {
        while (true) next()?.run() ?: return
    }

    @Synchronized
    private fun next(): Runnable? {
        val task = waiting
        waiting = null
        if (task == null) running = false
        return task
    }
}
