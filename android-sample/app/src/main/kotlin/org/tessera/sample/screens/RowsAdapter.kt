package org.tessera.sample.screens

import android.view.LayoutInflater
import android.view.View
import android.view.ViewGroup
import android.widget.BaseAdapter
import android.widget.Button
import android.widget.TextView
import org.tessera.sample.R

/** One thing in a list, and what can be done with it. */
class Row(val title: String, val details: String, val actions: List<RowAction> = emptyList())

/** Something to do. [spoken] names the thing too, for who hears one button after the other. */
class RowAction(val label: String, val spoken: String, val isEnabled: Boolean = true, val act: () -> Unit)

/** Draws rows in a list. */
class RowsAdapter(private val rows: List<Row>) : BaseAdapter() {
    override fun getCount(): Int = rows.size

    override fun getItem(position: Int): Row = rows[position]

    override fun getItemId(position: Int): Long = position.toLong()

    override fun areAllItemsEnabled(): Boolean = false

    /** A row does nothing itself: its buttons do. */
    override fun isEnabled(position: Int): Boolean = false

    override fun getView(position: Int, convertView: View?, parent: ViewGroup): View {
        val view = convertView ?: LayoutInflater.from(parent.context).inflate(R.layout.row, parent, false)
        return view.also { draw(rows[position], it) }
    }

    companion object {
        /** Adds rows below each other to a part of a screen that is short. */
        fun fill(parent: ViewGroup, rows: List<Row>) {
            parent.removeAllViews()
            for (row in rows) {
                val view = LayoutInflater.from(parent.context).inflate(R.layout.row, parent, false)
                draw(row, view)
                parent.addView(view)
            }
        }

        private fun draw(row: Row, view: View) {
            view.requireViewById<TextView>(R.id.title).text = row.title
            view.requireViewById<TextView>(R.id.details).text = row.details
            val actions = view.requireViewById<ViewGroup>(R.id.actions)
            actions.removeAllViews()
            for (action in row.actions) {
                val button = LayoutInflater.from(view.context).inflate(R.layout.row_action, actions, false) as Button
                button.text = action.label
                button.contentDescription = action.spoken
                button.isEnabled = action.isEnabled
                button.setOnClickListener { action.act() }
                actions.addView(button)
            }
        }
    }
}
