namespace Cms.Infrastructure.Newsletter.Templates;

/// <summary>A template or a file of texts that cannot be used, in one sentence for whoever wrote it.</summary>
internal sealed class TemplateException(string message, Exception? inner = null) : Exception(message, inner);
