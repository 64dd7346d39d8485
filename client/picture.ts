/** Panels as pictures: drawn piece by piece on one canvas, in the colours of the theme. */
import type { Cell, Origin, Sheet } from './export'

/** One panel: so large [px], painted from its upper left corner. */
export interface Piece {
  title: string
  note: string
  width: number
  height: number
  paint(context: CanvasRenderingContext2D): void
}

const font = 'Inter, system-ui, sans-serif'
const pad = 16
const titleHeight = 30
const rowHeight = 18
const footHeight = 44
const mostRows = 60
const widestColumn = 320

export function token(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim()
}

/** All pieces below each other, and what they are of. */
export function pictureOf(pieces: readonly Piece[], origin: Origin, scale = 2): HTMLCanvasElement {
  const width = Math.max(480, ...pieces.map(piece => piece.width)) + 2 * pad
  const height = pieces.reduce((sum, piece) => sum + titleHeight + piece.height + pad, pad) + footHeight
  const canvas = document.createElement('canvas')
  canvas.width = width * scale
  canvas.height = height * scale
  const context = canvas.getContext('2d')
  if (!context) return canvas
  context.scale(scale, scale)
  context.fillStyle = token('s1')
  context.fillRect(0, 0, width, height)
  let top = pad
  for (const piece of pieces) {
    write(context, piece.title, pad, top + 14, { weight: 600, size: 13, colour: token('t1') })
    const after = pad + context.measureText(piece.title).width + 10
    write(context, piece.note, after, top + 14, { colour: token('t3') })
    context.save()
    context.translate(pad, top + titleHeight)
    piece.paint(context)
    context.restore()
    top += titleHeight + piece.height + pad
  }
  footOf(origin).forEach((words, line) =>
    write(context, words, pad, height - 28 + 14 * line, { size: 11, colour: token('t3'), most: width - 2 * pad }),
  )
  return canvas
}

/** A table of the first rows; says how many are left out. */
export function tablePiece(sheet: Sheet): Piece {
  const head = sheet.columns.map(({ name, unit }) => (unit ? `${name} [${unit}]` : name))
  const shown = sheet.rows.slice(0, mostRows).map(row => row.map(spoken))
  const left = sheet.rows.length - shown.length
  const measure = document.createElement('canvas').getContext('2d')
  if (measure) measure.font = `12px ${font}`
  const widths = head.map((words, column) => {
    const cells = [words, ...shown.map(row => row[column] ?? '')]
    return Math.min(widestColumn, Math.max(...cells.map(cell => measure?.measureText(cell).width ?? 0))) + 18
  })
  const numeric = head.map((_, column) => sheet.rows.some(row => typeof row[column] === 'number'))
  return {
    title: sheet.title,
    note: left > 0 ? `first ${shown.length} of ${sheet.rows.length} rows` : '',
    width: widths.reduce((sum, width) => sum + width, 0),
    height: (shown.length + 1) * rowHeight,
    paint: context =>
      [head, ...shown].forEach((row, index) => {
        const colour = token(index === 0 ? 't3' : 't1')
        let x = 0
        row.forEach((words, column) => {
          const width = widths[column] ?? 0
          const right = numeric[column] ?? false
          const at = right ? x + width - 18 : x
          const most = width - 18
          write(context, words, at, index * rowHeight + 13, { colour, align: right ? 'right' : 'left', most })
          x += width
        })
        context.fillStyle = token('line')
        context.fillRect(0, (index + 1) * rowHeight - 0.5, x, 1)
      }),
  }
}

interface Type {
  colour: string
  size?: number
  weight?: number
  align?: CanvasTextAlign
  /** Squeezed to this [px]. */
  most?: number
}

export function write(
  context: CanvasRenderingContext2D,
  words: string,
  x: number,
  y: number,
  { colour, size = 12, weight = 400, align = 'left', most }: Type,
) {
  context.font = `${weight} ${size}px ${font}`
  context.fillStyle = colour
  context.textAlign = align
  context.fillText(words, x, y, most)
}

function footOf({ scenario, seed, revision, clock, saved, run }: Origin): string[] {
  return [`${scenario} · seed ${seed} · r${revision ?? '–'} · ${clock} simulated`, `run ${run} · saved ${saved}`]
}

function spoken(cell: Cell): string {
  if (cell === null) return '–'
  return typeof cell === 'number' && !Number.isInteger(cell) ? String(Number(cell.toPrecision(5))) : String(cell)
}
