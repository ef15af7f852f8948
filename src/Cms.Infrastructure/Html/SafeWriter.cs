using System.Text;

namespace Cms.Infrastructure.Html;

/// <summary>
/// Writes the safe HTML, and keeps its nesting such that parsing it again gives the same tree.
/// </summary>
/// <remarks>
/// Inline elements are marks on leaves (text, <c>br</c>, <c>img</c>), opened where a leaf needs them and closed at the edge
/// of its block: so none spans blocks, and the parser's adoption agency finds no work. A row, cell or item that the writer
/// had to add is implied, and makes place for a real one.
/// </remarks>
internal sealed class SafeWriter(Holds root)
{
    // With the cells of a table and the marks, at most 50 deep.
    private const int MaxBlocks = 36, MaxMarks = 8;

    private readonly StringBuilder _output = new(), _text = new();
    private readonly List<(string Name, bool Implied)> _blocks = [];
    private readonly List<Mark> _marks = [], _open = [];
    private bool _lineEnded, _afterInline, _afterBreak;

    private Holds Content => _blocks.Count == 0 ? root : Allowed.Content(_blocks[^1].Name);

    /// <summary>UTF-16 units written so far.</summary>
    public int Length => _output.Length + _text.Length;

    /// <returns>False when the mark would say nothing new; then <see cref="Remove"/> must not be called.</returns>
    public bool Add(Mark mark)
    {
        var nests = mark.Name is "sub" or "sup";
        if (_marks.Count >= MaxMarks || (!nests && _marks.Exists(m => m.Name == mark.Name))) return false;
        _marks.Add(mark);
        return true;
    }

    /// <summary>Ends the mark added last.</summary>
    public void Remove() => _marks.RemoveAt(_marks.Count - 1);

    /// <summary>Where a line ends whose element is not written.</summary>
    public void EndLine() => _lineEnded = true;

    /// <returns>False when the block cannot stand here; then <see cref="Close"/> must not be called.</returns>
    public bool Open(string name)
    {
        var parent = Allowed.Parent(name);
        if (parent == Holds.Flow && _blocks.Count >= MaxBlocks) return false;
        LeaveImplied(parent);
        if (!Imply(parent) || (name == "figcaption" && (_blocks.Count == 0 || _blocks[^1].Name != "figure"))) return false;
        Push(name, implied: false);
        return true;
    }

    /// <summary>Closes the real block opened last, and what was implied in it.</summary>
    public void Close()
    {
        while (_blocks[^1].Implied) Pop();
        Pop();
    }

    public void Text(string text)
    {
        var blank = text.AsSpan().Trim(" \t\n\f\r").IsEmpty;
        if (blank && (text.Length == 0 || _lineEnded || Content is not (Holds.Flow or Holds.Phrasing))) return;
        BeginLeaf(afterInline: _afterInline || !blank);
        _afterBreak &= blank;
        _text.Append(text);
    }

    public void Break()
    {
        if (Content is not (Holds.Flow or Holds.Phrasing)) return;
        _lineEnded = false; // the break is what the ended line asked for
        BeginLeaf(afterInline: true);
        FlushText();
        _output.Append("<br>");
        _afterBreak = true;
    }

    public void Rule()
    {
        LeaveImplied(Holds.Flow);
        if (_blocks.Count >= MaxBlocks || !Imply(Holds.Flow))
        {
            EndLine();
            return;
        }

        EndInline();
        _output.Append("<hr>");
    }

    public void Image(string src, string? alt, string? width, string? height)
    {
        BeginLeaf(afterInline: true);
        FlushText();
        _output.Append("<img");
        SafeText.WriteAttribute(_output, "src", src);
        SafeText.WriteAttribute(_output, "alt", alt);
        SafeText.WriteAttribute(_output, "width", width);
        SafeText.WriteAttribute(_output, "height", height);
        _output.Append('>');
        _afterBreak = false;
    }

    /// <summary>Closes what is open, and gives the HTML.</summary>
    public string Finish()
    {
        while (_blocks.Count > 0) Pop();
        EndInline();
        return _output.ToString();
    }

    // A real row ends a row that was only implied; nothing real is ever closed here.
    private void LeaveImplied(Holds parent)
    {
        var keep = _blocks.FindLastIndex(b => !b.Implied) + 1;
        var target = _blocks.Count;
        while (target >= keep && (target == 0 ? root : Allowed.Content(_blocks[target - 1].Name)) != parent) target--;
        while (target >= keep && _blocks.Count > target) Pop();
    }

    private bool Imply(Holds parent)
    {
        while (Content != parent)
        {
            var next = (Content, parent) switch
            {
                (Holds.Items, Holds.Flow) => "li",
                (Holds.RowGroups, Holds.Rows or Holds.Cells or Holds.Flow) => "tbody",
                (Holds.Rows, Holds.Cells or Holds.Flow) => "tr",
                (Holds.Cells, Holds.Flow) => "td",
                _ => null,
            };
            if (next is null) return false;
            Push(next, implied: true);
        }

        return true;
    }

    private void BeginLeaf(bool afterInline)
    {
        if (Content != Holds.Phrasing) Imply(Holds.Flow);
        var shared = 0;
        while (shared < _open.Count && shared < _marks.Count && ReferenceEquals(_open[shared], _marks[shared])) shared++;
        CloseMarks(shared);
        if (_lineEnded && _afterInline && !_afterBreak)
        {
            FlushText();
            _output.Append("<br>");
        }

        for (; shared < _marks.Count; shared++) OpenMark(_marks[shared]);
        (_lineEnded, _afterInline) = (false, afterInline);
    }

    private void Push(string name, bool implied)
    {
        EndInline();
        _blocks.Add((name, implied));
        _output.Append('<').Append(name).Append('>');
    }

    private void Pop()
    {
        EndInline();
        _output.Append("</").Append(_blocks[^1].Name).Append('>');
        _blocks.RemoveAt(_blocks.Count - 1);
    }

    private void EndInline()
    {
        CloseMarks(0);
        FlushText();
        (_lineEnded, _afterInline, _afterBreak) = (false, false, false);
    }

    private void OpenMark(Mark mark)
    {
        FlushText();
        _output.Append('<').Append(mark.Name);
        SafeText.WriteAttribute(_output, "href", mark.Href);
        SafeText.WriteAttribute(_output, "title", mark.Title);
        if (mark.NewWindow) _output.Append(" target=\"_blank\" rel=\"noopener\"");
        _output.Append('>');
        _open.Add(mark);
    }

    private void CloseMarks(int keep)
    {
        if (_open.Count > keep) FlushText();
        for (; _open.Count > keep; _open.RemoveAt(_open.Count - 1)) _output.Append("</").Append(_open[^1].Name).Append('>');
    }

    // Text is held back until a tag follows: what was two nodes may compose into one letter.
    private void FlushText()
    {
        if (_text.Length == 0) return;
        var text = SafeText.Clean(_text.ToString());
        _text.Clear();
        // A parser drops the first line feed of a pre.
        if (text.StartsWith('\n') && _blocks is [.., ("pre", _)] && _output[^1] == '>' && EndsWith("<pre>")) _output.Append('\n');
        SafeText.WriteText(_output, text);
    }

    private bool EndsWith(string tag) => _output.Length >= tag.Length && _output.ToString(_output.Length - tag.Length, tag.Length) == tag;
}

/// <summary>An inline element around leaves; compared by reference, for two links side by side are two.</summary>
internal sealed class Mark(string name)
{
    public string Name { get; } = name;

    public string? Href { get; init; }

    public string? Title { get; init; }

    /// <summary>Brings <c>rel="noopener"</c>: the page opened must not steer ours.</summary>
    public bool NewWindow { get; init; }
}
