package org.tessera.sample.screens

import android.os.Bundle
import android.widget.Button
import android.widget.ListView
import android.widget.TextView
import org.tessera.sample.R
import org.tessera.sample.model.ListModel
import org.tessera.sample.model.Problem
import org.tessera.sample.model.Rows

/** A screen with a list. All of them hold personal data. */
abstract class ListScreen<T, M : ListModel<T>>(private val empty: Int) : Screen<M>(R.layout.list, isPersonal = true) {
    /** How one thing is drawn. */
    protected abstract fun row(of: T, isWorking: Boolean): Row

    /** The list could not be had. */
    protected open fun failed(problem: Problem) = tell(problem)

    override fun ready(state: Bundle?) {
        requireViewById<TextView>(R.id.empty).setText(empty)
        // The buttons in the rows, not the rows themselves.
        requireViewById<ListView>(R.id.rows).itemsCanFocus = true
        draw(model.rows, ::drawn)
    }

    override fun onStart() {
        super.onStart()
        model.load()
    }

    /** Shows a button below the list. */
    protected fun button(id: Int, text: Int, act: () -> Unit) {
        requireViewById<Button>(id).setText(text)
        show(id, true)
        onTap(id, act)
    }

    private fun drawn(rows: Rows<T>) {
        wait(rows is Rows.Loading || rows is Rows.Ready && rows.isWorking)
        val ready = rows as? Rows.Ready
        show(R.id.empty, ready != null && ready.rows.isEmpty())
        val list = requireViewById<ListView>(R.id.rows)
        val at = list.firstVisiblePosition
        list.adapter = RowsAdapter(ready?.rows.orEmpty().map { row(it, ready?.isWorking == true) })
        list.setSelection(at)
        when (rows) {
            is Rows.Loading -> tell(null)
            is Rows.Failed -> failed(rows.problem)
            is Rows.Ready -> tell(rows.message)
        }
    }
}
