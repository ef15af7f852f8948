using Cms.Api.Commands;

// `dotnet Cms.Api.dll` serves; `migrate`, `seed`, `token create`, `roles` and `--help` do one thing and end.
return await CommandLine.Run(args, Console.Out, Console.Error, CancellationToken.None);
