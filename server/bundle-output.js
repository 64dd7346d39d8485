/**
 * How code that runs the engine is written out: V8 folds constants into hot code, not variables, and functions are variables
 * to it. As constants they are called, and inlined, without a look at what they are.
 * @type {import('vite').Rolldown.OutputOptions}
 */
export const bundleOutput = {
  chunkFileNames: '[name]-[hash].js',
  topLevelVar: false,
  plugins: [{ name: 'constant-functions', renderChunk }],
}

/**
 * Puts the functions of a chunk before all else, as constants.
 * @this {import('vite').Rolldown.PluginContext}
 * @param {string} code
 */
function renderChunk(code) {
  let [constants, rest, end] = ['', '', 0]
  for (const node of this.parse(code).body) {
    if (node.type !== 'FunctionDeclaration' || !node.id) continue
    const { id } = node
    constants += `const ${id.name} = ${code.slice(node.start, id.start)}${code.slice(id.end, node.end)};\n`
    rest += code.slice(end, node.start)
    end = node.end
  }
  return constants + rest + code.slice(end)
}
