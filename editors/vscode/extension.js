// Starts `whc lsp` for folders with a dbt_project.yml, and shows a model's compiled SQL.

const vscode = require('vscode')
const { LanguageClient, TransportKind } = require('vscode-languageclient/node')

const scheme = 'whc-compiled'
let client

function start() {
  const settings = vscode.workspace.getConfiguration('whc')
  const server = {
    command: settings.get('path'),
    args: ['lsp', ...settings.get('arguments')],
    transport: TransportKind.stdio,
  }
  const documents = ['sql', 'jinja-sql', 'jinja', 'yaml', 'markdown', 'csv', 'plaintext']
  client = new LanguageClient('whc', 'whc', server, {
    documentSelector: documents.map(language => ({ scheme: 'file', language })),
  })
  return client.start()
}

/** Compiled SQL as read-only text; its address is that of the model's file. */
class CompiledSQL {
  changed = new vscode.EventEmitter()
  onDidChange = this.changed.event

  async provideTextDocumentContent(address) {
    const file = vscode.Uri.parse(address.query)
    const sql = await client.sendRequest('workspace/executeCommand', {
      command: 'whc.compiledSQL',
      arguments: [file.toString()],
    })
    return sql ?? '-- this file has no model, or its template asks the database'
  }
}

async function showCompiledSQL(content) {
  const editor = vscode.window.activeTextEditor
  if (!editor) return
  const file = editor.document.uri
  const name = file.path.split('/').pop()
  const address = vscode.Uri.from({ scheme, path: `/compiled ${name}`, query: file.toString() })
  content.changed.fire(address)
  const document = await vscode.workspace.openTextDocument(address)
  await vscode.languages.setTextDocumentLanguage(document, 'sql')
  await vscode.window.showTextDocument(document, { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true })
}

async function activate(context) {
  const content = new CompiledSQL()
  context.subscriptions.push(
    vscode.workspace.registerTextDocumentContentProvider(scheme, content),
    vscode.commands.registerCommand('whc.showCompiledSQL', () => showCompiledSQL(content)),
    vscode.commands.registerCommand('whc.restart', () => client.restart()),
  )
  await start()
}

function deactivate() {
  return client?.stop()
}

module.exports = { activate, deactivate }
