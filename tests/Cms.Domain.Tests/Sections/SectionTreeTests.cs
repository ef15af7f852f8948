using Cms.Domain.Sections;
using Cms.Domain.Text;
using CsCheck;

namespace Cms.Domain.Tests.Sections;

public sealed class SectionTreeTests
{
    private readonly List<Section> sections = [];

    private SectionTree Tree => new(sections);

    private Section Open(Section? under = null, int? position = null)
    {
        var section = Section.Open(new Guid(sections.Count + 1, 0, 0, new byte[8]), "S", Slug.Parse($"s{sections.Count}"), "fr", DateTimeOffset.UnixEpoch);
        section.Place(Tree, under?.Id, position);
        sections.Add(section);
        return section;
    }

    private string Refused(Section section, Section? under) => Assert.Throws<RuleBrokenException>(() => section.Place(Tree, under?.Id, null)).Rule;

    [Fact]
    public void Siblings_stand_by_position_then_id_and_a_new_one_goes_last()
    {
        var parent = Open();
        var (second, third, first) = (Open(parent, 5), Open(parent, 5), Open(parent, 0));
        var last = Open(parent);

        Assert.Equal([first, second, third, last], Tree.ChildrenOf(parent.Id));
        Assert.Equal(6, last.Position);
        Assert.Equal(0, Tree.NextPosition(last.Id));
        Assert.Equal([parent], Tree.Roots);
    }

    [Fact]
    public void Behind_the_largest_position_there_is_none_larger()
    {
        Open(position: Section.MaxPosition);

        Assert.Equal(Section.MaxPosition, Tree.NextPosition(null));
    }

    [Fact]
    public void A_section_keeps_its_place_where_it_is_and_goes_last_elsewhere()
    {
        var (parent, other) = (Open(), Open());
        var moving = Open(parent, 7);
        Open(other, 3);

        moving.Place(Tree, parent.Id, null);
        Assert.Equal((parent.Id, 7), (moving.ParentId.GetValueOrDefault(), moving.Position));
        moving.Place(Tree, other.Id, null);
        Assert.Equal((other.Id, 4), (moving.ParentId.GetValueOrDefault(), moving.Position));
    }

    [Fact]
    public void Nothing_stands_under_itself_or_below()
    {
        var top = Open();
        var middle = Open(top);
        var bottom = Open(middle);

        Assert.Equal(["section-cycle", "section-cycle", "section-cycle"], new[] { top, middle, bottom }.Select(under => Refused(top, under)));
        Assert.Equal([bottom, middle, top], Tree.Ancestry(bottom.Id));
    }

    [Fact]
    public void Four_levels_are_the_most_and_what_hangs_below_counts()
    {
        var chain = new List<Section> { Open() };
        for (var level = 2; level <= Section.MaxDepth; level++) chain.Add(Open(chain[^1]));
        var pair = Open();
        Open(pair);

        Assert.Equal("section-too-deep", Assert.Throws<RuleBrokenException>(() => Open(chain[^1])).Rule);
        Assert.Equal("section-too-deep", Refused(pair, chain[2]));
        pair.Place(Tree, chain[1].Id, null);
        Assert.Equal(chain[1].Id, pair.ParentId);
    }

    [Fact]
    public void However_sections_are_moved_the_tree_stays_a_tree_of_four_levels() =>
        Gen.Int[-1, 7].Array[2].Array[0, 60].Sample(moves =>
        {
            sections.Clear();
            for (var i = 0; i < 8; i++) Open();
            foreach (var move in moves.Where(m => m[0] >= 0))
            {
                try
                {
                    sections[move[0]].Place(Tree, move[1] < 0 ? null : sections[move[1]].Id, null);
                }
                catch (RuleBrokenException)
                {
                    // refused, and so nothing moved
                }

                Assert.All(sections, s => Assert.InRange(Tree.Ancestry(s.Id).Take(9).Count(), 1, Section.MaxDepth));
            }
        }, threads: 1);
}
