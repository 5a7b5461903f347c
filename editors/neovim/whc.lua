-- Neovim 0.11 or later: put this file into ~/.config/nvim/lsp/whc.lua and say
--   vim.lsp.enable('whc')
return {
  cmd = { 'whc', 'lsp' },
  filetypes = { 'sql', 'yaml', 'markdown', 'jinja', 'sql.jinja' },
  root_markers = { 'dbt_project.yml' },
  workspace_required = true,
}
