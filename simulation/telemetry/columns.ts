import type { Columns, Figure } from './frame'

/** Rows of figures as columns, rounded. */
export function columns<Metric extends string>(rows: Record<Metric, Figure>[]): Columns<Metric> {
  const metrics = Object.keys(rows[0] ?? {}) as Metric[]
  return Object.fromEntries(
    metrics.map(metric => [metric, rows.map(row => significant(row[metric]))]),
  ) as Columns<Metric>
}

/** One row, rounded. */
export function rounded<Metric extends string>(row: Record<Metric, Figure>): Record<Metric, Figure> {
  return Object.fromEntries(
    Object.entries<Figure>(row).map(([metric, figure]) => [metric, significant(figure)]),
  ) as Record<Metric, Figure>
}

/** Four significant digits: what a screen can show. */
export function significant(figure: Figure): Figure {
  return figure === null ? null : Number(figure.toPrecision(4))
}
