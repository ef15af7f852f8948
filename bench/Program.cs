using Cms.Bench;

// The limits are processes of this program.
switch (args)
{
    case ["memory", var port, var folder]:
        await Limits.Memory(int.Parse(port, System.Globalization.CultureInfo.InvariantCulture), folder);
        return;
    case ["database", var port, var folder]:
        await Limits.Database(int.Parse(port, System.Globalization.CultureInfo.InvariantCulture), Environment.GetEnvironmentVariable(Limits.DatabaseVariable) ?? "", folder);
        return;
    case ["model", var port]:
        await Limits.Model(int.Parse(port, System.Globalization.CultureInfo.InvariantCulture), Environment.GetEnvironmentVariable(Limits.DatabaseVariable) ?? "");
        return;
    case ["mailkit", var port, var connections, var mails, var file]:
        await Mailing.Limit(
            int.Parse(port, System.Globalization.CultureInfo.InvariantCulture), int.Parse(connections, System.Globalization.CultureInfo.InvariantCulture),
            int.Parse(mails, System.Globalization.CultureInfo.InvariantCulture), file);
        return;
    case ["micro", .. var rest]:
        Micro.Run(rest);
        return;
    default:
        await new Bench(Options.Read(args)).Run();
        return;
}
